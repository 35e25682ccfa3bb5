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
