import Solvers
import SparseCore
import TestSupport

/// An input for the reader of checkpoints: a byte of choices, then the words of where a search and
/// its exploration stand.
///
/// Before them come the right version, facts and checksum, unless the choices say that the input is a
/// whole file. What is accepted goes on for a few supports, by SEA or by a portfolio.
enum CheckpointInput {
  /// What going on may take on the small problem beside 16 bytes for each of the file: a portfolio copies
  /// the states and supports of its attempts.
  private static let resumingLimit = 2 << 20

  /// - Throws: ``BrokenPromise``.
  static func check(_ input: UnsafeRawBufferPointer, _ meter: MemoryMeter) throws {
    guard let choices = input.first else { return }
    try check(input, meter, SmallSolves.explorations[Int(choices >> 1 & 3)])
  }

  /// The same for a portfolio.
  ///
  /// - Throws: ``BrokenPromise``.
  static func checkPortfolio(_ input: UnsafeRawBufferPointer, _ meter: MemoryMeter) throws {
    try check(input, meter, SmallSolves.portfolio)
  }

  private static func check<S: ResumableSolver>(
    _ input: UnsafeRawBufferPointer, _ meter: MemoryMeter, _ solve: SmallSolve<S>
  ) throws {
    guard let choices = input.first else { return }
    let rest = Array(input.dropFirst())
    let bytes = choices & 1 == 0 ? file(beginning: try solve.beginning.get(), rest) : rest
    let allowed = 3 * bytes.count + 4 << 10
    try bytes.withUnsafeBytes { bytes in
      var checkpoint: S.Checkpoint?
      let held = try meter { checkpoint = try? S.Checkpoint(bytes: bytes) }
      try promise(held <= allowed, orElse: "\(held) bytes were held, \(allowed) are allowed")
      guard let checkpoint else { return }
      try promise(
        checkpoint.words.withUnsafeBytes { $0.elementsEqual(bytes) },
        orElse: "a checkpoint that differs once written")
      let taken = try meter { try goOn(solve, from: checkpoint) }
      try promise(
        taken <= resumingLimit + 16 * bytes.count, orElse: "\(taken) bytes were taken to go on")
    }
  }

  private static func goOn<S: ResumableSolver>(
    _ solve: SmallSolve<S>, from checkpoint: S.Checkpoint
  ) throws {
    do {
      let solution = try solve(from: checkpoint, supports: 24)
      try promise(
        solution.support.count <= solve.sparsity
          && solution.support.allSatisfy((0..<solve.columns).contains),
        orElse: "the support \(solution.support)")
    } catch let error as RecoveryError {
      try promiseOneLine(error)
    }
  }

  /// A whole file that ends in `state`.
  private static func file(beginning: [UInt64], _ state: [UInt8]) -> [UInt8] {
    let words = state.withUnsafeBytes { bytes in
      stride(from: 0, through: bytes.count - 8, by: 8).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
      }
    }
    var file = beginning + words
    var checksum = Checksum()
    for word in file[4...] { checksum.add(word) }
    (file[2], file[3]) = (UInt64(file.count - 4), checksum.value)
    return bytes(of: file) + state.suffix(state.count % 8)
  }

  /// Words as a file holds them.
  static func bytes(of words: some Sequence<UInt64>) -> [UInt8] {
    words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
  }
}
