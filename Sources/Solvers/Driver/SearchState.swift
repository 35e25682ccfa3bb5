import LeastSquares
import SparseCore

/// What a search has seen, as a checkpoint keeps it.
struct SearchState: Sendable, Equatable {
  /// How many supports were evaluated, at least 1.
  var iterations: Int
  /// The best of them, with ‖A x − y‖₂ for the scaled observation and when it was first seen.
  var best: [Int]
  var bestNorm: Double
  var bestIteration: Int
  /// The support evaluated last.
  var latest: [Int]
  /// The fingerprints of all supports counted, ascending.
  var fingerprints: [UInt64]
  /// How long the search has taken.
  var elapsed: Duration
  /// How many times A was read from end to end.
  var matrixPasses: Int
}

extension SearchState {
  func write(to writer: inout WordWriter) {
    writer.write(iterations)
    writer.write(best)
    writer.write(bestNorm)
    writer.write(bestIteration)
    writer.write(latest)
    writer.write(fingerprints)
    writer.write(elapsed)
    writer.write(matrixPasses)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    iterations = try reader.int()
    best = try reader.ints()
    bestNorm = try reader.double()
    bestIteration = try reader.int()
    latest = try reader.ints()
    fingerprints = try reader.array { (r) throws(CheckpointError) in try r.word() }
    elapsed = try reader.duration()
    matrixPasses = try reader.int()
  }

  /// Whether a search may have come there.
  func isPossible(_ problem: RecoveryProblem, sparsity: Int) -> Bool {
    best.count <= sparsity && problem.areAtoms(best) && problem.areAtoms(latest)
      && bestNorm >= 0 && bestNorm.isFinite && iterations >= 0 && iterations < 1 << 62
      && (0...max(iterations - 1, 0)).contains(bestIteration)
      && (0...(1 << 62)).contains(matrixPasses)
      && elapsed >= .zero && elapsed < .seconds(1 << 40)
  }
}

extension RecoveryProblem {
  /// Whether these are atoms that may be selected, in ascending order.
  func areAtoms(_ support: [Int]) -> Bool {
    zip(support, support.dropFirst()).allSatisfy { $0 < $1 }
      && support.allSatisfy { (0..<columns).contains($0) && atoms.isUsable($0) }
  }
}

extension Projector.Arrangement {
  func write(to writer: inout WordWriter) {
    writer.write(atoms)
    writer.write(gram)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    self.init(atoms: try reader.ints(), gram: try reader.doubles())
  }

  /// Whether a projector with room for `most` atoms may have come to it.
  func isPossible(_ problem: RecoveryProblem, atMost most: Int) -> Bool {
    atoms.count <= most && problem.areAtoms(atoms.sorted())
      && gram.count == atoms.count * (atoms.count + 1) / 2 && gram.allSatisfy(\.isFinite)
  }
}
