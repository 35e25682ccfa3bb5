/// The floating-point format in which gradients are computed.
///
/// Least squares and every reported loss are computed in double precision, whatever this says.
public enum Precision: String, Sendable, Codable, CaseIterable, CustomStringConvertible {
  /// IEEE 754 binary32: 4 bytes a number.
  case single
  /// IEEE 754 binary64: 8 bytes a number.
  case double

  /// The size of one number, in bytes.
  public var byteCount: Int { self == .single ? 4 : 8 }

  /// How many of the lowest bits of a number are ignored when magnitudes are compared for a
  /// selection, after rounding to nearest.
  ///
  /// Structured matrices give atoms whose correlations are equal in exact arithmetic: the
  /// neighbours of an isolated spike in a deconvolution, for one. Rounding must not decide between
  /// them, lest backends and machines part ways; the lowest index does. In double, numbers that
  /// agree to 2⁻³² tie, far above the rounding of a gradient and far below what tells atoms apart.
  /// Single precision has no such room: numbers tie only when they are equal.
  @inlinable package var ignoredBits: Int { self == .single ? 0 : 20 }

  /// One line for a person.
  public var description: String { rawValue }
}
