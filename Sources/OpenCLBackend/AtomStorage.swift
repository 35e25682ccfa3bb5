internal import Dispatch
package import SparseCore
import Synchronization

/// How precisely a device keeps the atoms. Vectors and sums have the precision of the engine all the
/// same.
///
/// Products are bound by the memory that A is read from: half the bytes, half the time, and twice as
/// large a matrix on the device. What the rounding of atoms may change is known beforehand
/// (``Engine/storageRoundoff``), so blocked exploration visits the same supports in every storage:
/// magnitudes too close to tell apart are computed anew from A itself. Solvers that take the
/// correlations as they come, and a step size that is not given, feel the rounding.
public enum AtomStorage: String, Sendable, Codable, CaseIterable {
  /// As precisely as the engine computes.
  case full
  /// 4 bytes a number, wrong by 2⁻²⁴ of an atom; in single precision the same as `full`.
  case single
  /// 2 bytes a number, wrong by 2⁻¹¹ of an atom.
  case half

  /// The bytes of a number, for products in `precision`.
  package func byteCount(in precision: Precision) -> Int {
    switch self {
    case .full: precision.byteCount
    case .single: 4
    case .half: 2
    }
  }
}

/// The numbers in which the atoms of one matrix lie on a device.
struct AtomFormat {
  /// A type of OpenCL, by its bytes.
  enum Number: Int {
    case half = 2
    case float = 4
    case double = 8
  }

  let number: Number
  /// Atoms are 2^exponent times what is stored, so that these lie well within the range of the type;
  /// 0 where nothing is rounded but to the engine's precision.
  let exponent: Int
  /// The largest ‖ã − a‖₂ of a stored column ã, relative to the largest ‖a‖₂.
  let roundoff: Double

  /// The storage that this is.
  var storage: AtomStorage { roundoff == 0 ? .full : number == .half ? .half : .single }
  /// The bytes of a number.
  var byteCount: Int { number.rawValue }

  /// Halves hold numbers up to 2¹⁵ and lose digits below 2⁻¹⁴: atoms of norm one are stored 2¹⁵ times
  /// as large.
  private static let halfRange = 15

  init(_ storage: AtomStorage, _ precision: Precision, _ atoms: Atoms) {
    let full: Number = precision == .single ? .float : .double
    // The least power of two that is no less than any entry.
    let norm = atoms.largestStoredNorm
    // Of zeros alone, where there is nothing to select, any will do.
    let bound = norm > 0 ? Int(norm.exponent) + (norm.significand > 1 ? 1 : 0) : 0
    // Rounding to nearest, and what numbers below the normal range lose: half of the smallest
    // positive number in each of m entries.
    let rows = Double(atoms.rows).squareRoot()
    switch storage {
    case .single where full == .double:
      (number, exponent, roundoff) = (.float, bound, 0x1p-24 + rows * 0x1p-149)
    case .half:
      (number, exponent) = (.half, bound - Self.halfRange)
      // Rounded to single precision on the way.
      roundoff = 0x1p-11 + 0x1p-23 + rows * 0x1p-39
    case .full, .single:
      (number, exponent, roundoff) = (full, 0, 0)
    }
  }

  /// Writes `count` atoms from the first given, scaled in double precision and rounded, filling each
  /// column up with zeros. Several threads share long work: a device should not wait for one.
  func copy(
    _ atoms: Atoms, _ first: Int, _ count: Int, to bytes: UnsafeMutableRawBufferPointer
  ) throws(RecoveryError) {
    let columnBytes = bytes.count / count
    let width = max(1, Self.bytesAtOnce / columnBytes)
    nonisolated(unsafe) let bytes = bytes
    let failure = Mutex<RecoveryError?>(nil)
    DispatchQueue.concurrentPerform(iterations: (count + width - 1) / width) { turn in
      for j in turn * width..<min((turn + 1) * width, count) {
        let column = bytes[j * columnBytes..<(j + 1) * columnBytes]
        do throws(RecoveryError) {
          try write(atoms, first + j, to: UnsafeMutableRawBufferPointer(rebasing: column))
        } catch {
          failure.withLock { $0 = $0 ?? error }
          return
        }
      }
    }
    if let error = failure.withLock(\.self) { throw error }
  }

  /// What a thread converts before it asks for more.
  private static let bytesAtOnce = 256 << 10

  /// Writes atom `j`, and zeros behind it.
  private func write(
    _ atoms: Atoms, _ j: Int, to bytes: UnsafeMutableRawBufferPointer
  ) throws(RecoveryError) {
    switch number {
    case .double: try write(atoms, j, to: bytes.bindMemory(to: Double.self))
    case .float: try write(atoms, j, to: bytes.bindMemory(to: Float.self))
    case .half:
      let halves = bytes.bindMemory(to: UInt16.self)
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: halves.count) {
        (column) throws(RecoveryError) in
        try write(atoms, j, to: column)
        for i in 0..<halves.count { halves[i] = Half.bits(of: column[i]) }
      }
    }
  }

  private func write<Scalar: DeviceScalar>(
    _ atoms: Atoms, _ j: Int, to column: UnsafeMutableBufferPointer<Scalar>
  ) throws(RecoveryError) {
    guard let start = column.baseAddress else { return }
    try atoms.copyStoredColumn(j, times: 1.0.scaled(by: -exponent), to: start)
    column[atoms.rows...].update(repeating: 0)
  }
}

extension AtomFormat.Number {
  /// What OpenCL calls this type.
  var openCLName: String { "\(self)" }
}

/// IEEE 754 binary16, as bits.
enum Half {
  /// A finite number of magnitude at most 65504, rounded to nearest, ties to even.
  ///
  /// Integer arithmetic that the compiler makes vectors of, where a conversion would be a call.
  @inline(__always) static func bits(of value: Float) -> UInt16 {
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    let sign = (value.bitPattern &- magnitude) &>> 16
    // Below the normal range: one half has the unit in the last place that halves have there, so
    // adding it rounds.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    // The exponent's bias changes from 127 to 15; a carry out of the digits raises it, as it should.
    let bias: UInt32 = (127 - 15) << 23
    let large = (magnitude &- bias &+ 0xFFF &+ (magnitude &>> 13 & 1)) &>> 13
    let smallestNormal = Float(0x1p-14).bitPattern
    return UInt16(truncatingIfNeeded: sign | (magnitude < smallestNormal ? small : large))
  }
}
