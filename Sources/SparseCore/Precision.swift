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

/// A number that a ``Matrix`` may hold: `Float` or `Double`.
public protocol MatrixScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// An unsigned integer of the same width.
  associatedtype Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable

  /// The format of this type.
  static var precision: Precision { get }
  /// The bits of |self|: 0 for both zeros, in the order of magnitudes, NaN above infinity.
  var magnitudeBits: Bits { get }
}

extension Float: MatrixScalar {
  /// Single precision.
  @inlinable public static var precision: Precision { .single }
  /// All but the sign.
  @inlinable public var magnitudeBits: UInt32 { bitPattern & 0x7FFF_FFFF }
}

extension Double: MatrixScalar {
  /// Double precision.
  @inlinable public static var precision: Precision { .double }
  /// All but the sign.
  @inlinable public var magnitudeBits: UInt64 { bitPattern & 0x7FFF_FFFF_FFFF_FFFF }
}

extension MatrixScalar {
  /// The magnitude as selections compare it: rounded, the ignored bits dropped.
  @inlinable public var selectionKey: Bits {
    let ignored = Bits(truncatingIfNeeded: Self.precision.ignoredBits)
    let largest = Bits.max &>> (1 &+ ignored)
    // Rounding the largest NaN would carry out of the key.
    return min((magnitudeBits &+ ((1 &<< ignored) &>> 1)) &>> ignored, largest)
  }

  /// How many bits a selection key has.
  @inlinable package static var selectionKeyWidth: Int { Bits.bitWidth - 1 - precision.ignoredBits }
}
