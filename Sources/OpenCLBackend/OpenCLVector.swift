import SparseCore

/// A vector in the memory of an OpenCL device.
final class OpenCLVector: EngineVector {
  /// The number of entries.
  let count: Int

  /// The entries, and zeros that fill them up to a multiple of 32 numbers.
  let buffer: DeviceBuffer

  init(count: Int, buffer: DeviceBuffer) {
    self.count = count
    self.buffer = buffer
  }
}
