internal import SparseCore

/// The kernels of vector.cl.
struct VectorKernels {
  private let queue: CommandQueue
  private let zeroKernel: Kernel
  private let zeroAtKernel: Kernel
  private let spreadKernel: Kernel
  private let addKernel: Kernel
  private let combineKernel: Kernel

  /// As in vector.cl: how many vectors a launch takes.
  private static let terms = 8

  init(_ program: Program, on queue: CommandQueue) throws(RecoveryError) {
    self.queue = queue
    zeroKernel = try program.kernel("zero")
    zeroAtKernel = try program.kernel("zeroAt")
    spreadKernel = try program.kernel("spread")
    addKernel = try program.kernel("add")
    combineKernel = try program.kernel("combine")
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

  /// v_p ← the p-th of equal parts of a buffer: one launch for every eight vectors.
  func spread(_ source: DeviceBuffer, to vectors: [OpenCLVector]) throws(RecoveryError) {
    for start in stride(from: 0, to: vectors.count, by: Self.terms) {
      let own = vectors[start..<min(start + Self.terms, vectors.count)]
      try queue.run(
        spreadKernel, groups: spreadKernel.groups(covering: vectors[0].count),
        UInt32(vectors[0].count), UInt32(own.count), UInt32(start), source,
        NativeProducts.launched(ArraySlice(own.map(\.buffer)), as: Self.terms))
    }
  }

  /// v ← v + α u.
  func add<Scalar: DeviceScalar>(
    _ alpha: Scalar, times u: OpenCLVector, to v: OpenCLVector
  ) throws(RecoveryError) {
    try queue.run(
      addKernel, groups: addKernel.groups(covering: v.count), UInt32(v.count), alpha, u.buffer,
      v.buffer)
  }

  /// z ← Σ_p c_p v_p.
  func combine<Scalar: DeviceScalar>(
    _ coefficients: [Scalar], of vectors: [OpenCLVector], into z: OpenCLVector
  ) throws(RecoveryError) {
    guard !vectors.isEmpty else { return try zero(z.buffer, count: z.count) }
    for start in stride(from: 0, to: vectors.count, by: Self.terms) {
      let count = min(Self.terms, vectors.count - start)
      // The last term stands in for those missing, which the kernel leaves out.
      let places = (0..<Self.terms).map { start + min($0, count - 1) }
      try queue.run(
        combineKernel, groups: combineKernel.groups(covering: z.count), UInt32(z.count),
        UInt32(count), UInt32(start == 0 ? 0 : 1), places.map { coefficients[$0] },
        places.map { vectors[$0].buffer }, z.buffer)
    }
  }
}
