internal import SparseCore

/// The kernels of vector.cl.
struct VectorKernels {
  private let queue: CommandQueue
  private let zeroKernel: Kernel
  private let zeroAtKernel: Kernel
  private let addKernel: Kernel

  init(_ program: Program, on queue: CommandQueue) throws(RecoveryError) {
    self.queue = queue
    zeroKernel = try program.kernel("zero")
    zeroAtKernel = try program.kernel("zeroAt")
    addKernel = try program.kernel("add")
  }

  /// v ← 0, for the first `count` numbers in a buffer.
  func zero(_ v: DeviceBuffer, count: Int) throws(RecoveryError) {
    try queue.run(zeroKernel, groups: zeroKernel.groups(covering: count), UInt32(count), v)
  }

  /// z_S ← 0, for the first `count` indices in a buffer.
  func zero(_ z: OpenCLVector, at indices: DeviceBuffer, count: Int) throws(RecoveryError) {
    try queue.run(
      zeroAtKernel, groups: zeroAtKernel.groups(covering: count), UInt32(count), indices, z.buffer)
  }

  /// v ← v + α u.
  func add<Scalar: DeviceScalar>(
    _ alpha: Scalar, times u: OpenCLVector, to v: OpenCLVector
  ) throws(RecoveryError) {
    try queue.run(
      addKernel, groups: addKernel.groups(covering: v.count), UInt32(v.count), alpha, u.buffer,
      v.buffer)
  }
}
