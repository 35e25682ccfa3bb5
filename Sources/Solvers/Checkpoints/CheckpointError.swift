/// Why bytes do not hold a checkpoint.
public enum CheckpointError: Error, Equatable, Sendable {
  /// Bytes that sea did not write, or not all of them, or that have changed since.
  case damaged(expected: String, found: String)
  /// A checkpoint in the format of another version of this package.
  case otherVersion(expected: UInt64, found: UInt64)
}
