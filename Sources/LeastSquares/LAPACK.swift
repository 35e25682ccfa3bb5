import SparseCore

/// LAPACK's one-letter options.
extension CChar {
  static let lower = CChar(UInt8(ascii: "L"))
  static let upper = CChar(UInt8(ascii: "U"))
  static let one = CChar(UInt8(ascii: "1"))
  static let left = CChar(UInt8(ascii: "L"))
  static let transposed = CChar(UInt8(ascii: "T"))
  static let plain = CChar(UInt8(ascii: "N"))
  static let vectors = CChar(UInt8(ascii: "V"))
}

/// Turns the code that a LAPACK routine ends with into an error.
func check(_ routine: String, _ code: Int32) throws(RecoveryError) {
  guard code == 0 else { throw .lapackFailure(routine: routine, code: code) }
}
