public import SparseCore

/// The atoms on an OpenCL device, with products and selection by kernels of this package, or products
/// by CLBlast.
///
/// Every operation but reading and selecting only starts its work and returns.
public final class OpenCLEngine: Engine {
  /// The precision of every vector and product.
  public let precision: Precision
  /// The number of rows, m.
  public let rows: Int
  /// The number of columns, n.
  public let columns: Int
  /// As many as a kernel takes at once.
  public var residualsInPass: Int { native.residualsInPass }

  let queue: CommandQueue
  let staging: StagingMemory
  let scalar: any DeviceScalar.Type
  let vectors: VectorKernels
  let selection: RadixSelection
  let rowKernels: RowKernels
  let matrix: MatrixPanels
  let native: NativeProducts
  let epilogue: CorrelationEpilogue
  /// What multiplies by one vector.
  var products: any ProductImplementation
  private let memory: DeviceMemory
  private var indexBuffer: DeviceBuffer
  /// Where numbers for several vectors arrive together.
  private var arrivals: DeviceBuffer

  /// Which device does the work, and whose kernels.
  public var identity: EngineIdentity {
    queue.context.device.identity(products.kernels, storage: matrix.format.storage)
  }
  /// What atoms lose where they are stored less precisely than the engine computes.
  public var storageRoundoff: Double { matrix.format.roundoff }

  /// The bytes taken on the device: atoms, vectors that are alive, and work space.
  package var deviceBytes: Int { memory.bytes }

  /// What it took to upload the atoms, conversion included.
  let upload: Duration

  /// What was asked of the device so far.
  package var traffic: DeviceTraffic { queue.traffic + matrix.streamTraffic }

  init(
    _ atoms: Atoms, precision: Precision, storage: AtomStorage, programs: ProgramLibrary,
    panelBytes: Int, limit: Int, groupSize: Int, shape: NativeProducts.Shape, partialBytes: Int
  ) throws(RecoveryError) {
    let context = programs.context
    self.precision = precision
    rows = atoms.rows
    columns = atoms.columns
    scalar = precision.scalar
    queue = try CommandQueue(context)
    memory = DeviceMemory(context)
    let format = AtomFormat(storage, precision, atoms)
    let columnBytes = MatrixPanels.stride(rows: atoms.rows) * format.byteCount
    staging = StagingMemory(
      queue, capacity: StagingMemory.capacity(columns: atoms.columns, columnBytes: columnBytes))

    let general = try programs.program(.vectors(scalar, groupSize: groupSize))
    let products = try programs.program(
      .products(
        scalar, stored: format.number,
        groupSize: NativeProducts.groupSize(on: context.device), shape: shape,
        on: context.device))
    vectors = try VectorKernels(general, on: queue)
    selection = try RadixSelection(
      general, scalar: scalar, on: queue, in: memory, staging: staging)
    rowKernels = try RowKernels(general, precision, on: queue, in: memory)
    native = try NativeProducts(
      products, shape: shape, precision: precision, on: queue, in: memory,
      partialBytes: partialBytes)
    epilogue = try CorrelationEpilogue(
      products, scalar: scalar, columns: columns, on: queue, in: memory, staging: staging)
    self.products = native
    indexBuffer = try DeviceBuffer(1024, in: memory)
    arrivals = try DeviceBuffer(1024, in: memory)
    let begin = ContinuousClock.now
    matrix = try MatrixPanels(
      atoms, as: format, panelBytes: panelBytes, limit: limit, in: memory, through: staging)
    try queue.finish()
    upload = .now - begin
  }

  /// A new vector of zeros, padded like a column: up to b · (count + 31) bytes on the device.
  public func makeVector(_ space: VectorSpace) throws(RecoveryError) -> EngineVector {
    try makeVector(space.count(rows: rows, columns: columns))
  }

  func makeVector(_ count: Int) throws(RecoveryError) -> OpenCLVector {
    precondition(count > 0 && count <= Int32.max, "a vector's length fits 31 bits")
    let paddedCount = MatrixPanels.stride(rows: count)
    let buffer = try DeviceBuffer(paddedCount * precision.byteCount, in: memory)
    try vectors.zero(buffer, count: paddedCount)
    return OpenCLVector(count: count, buffer: buffer)
  }

  /// v ← values, rounded. Returns before they have arrived.
  public func write(_ values: [Double], to vector: EngineVector) throws(RecoveryError) {
    let vector = vector.own(OpenCLVector.self)
    precondition(values.count == vector.count, "a vector keeps its length")
    try staging.send(values.count, of: precision.byteCount, to: vector.buffer) { range, bytes in
      scalar.write(values[range], to: bytes)
    }
  }

  /// v_p ← values_p, rounded: one transfer where staging memory has room for all, and one launch for every eight vectors.
  /// Returns before they have arrived.
  ///
  /// Device bytes: as many again as the vectors have.
  public func write(_ values: [[Double]], to vectors: [EngineVector]) throws(RecoveryError) {
    precondition(values.count == vectors.count, "one list a vector")
    guard values.count > 1 else {
      for (values, vector) in zip(values, vectors) { try write(values, to: vector) }
      return
    }
    let (vectors, count) = (vectors.map { $0.own(OpenCLVector.self) }, values[0].count)
    precondition(
      values.allSatisfy { $0.count == count } && vectors.allSatisfy { $0.count == count },
      "vectors of one length, which they keep")
    let byteCount = count * vectors.count * precision.byteCount
    if arrivals.byteCount < byteCount { arrivals = try DeviceBuffer(byteCount, in: memory) }
    try staging.send(count * vectors.count, of: precision.byteCount, to: arrivals) { range, bytes in
      // The parts of the vectors that lie in this piece.
      for p in range.lowerBound / count...(range.upperBound - 1) / count {
        let part = range.clamped(to: p * count..<(p + 1) * count)
        let place = (part.lowerBound - range.lowerBound) * precision.byteCount
        scalar.write(
          values[p][part.lowerBound - p * count..<part.upperBound - p * count],
          to: UnsafeMutableRawBufferPointer(
            rebasing: bytes[place..<place + part.count * precision.byteCount]))
      }
    }
    try self.vectors.spread(arrivals, to: vectors)
  }

  /// The entries of v. Waits for all work before it.
  ///
  /// - Throws: ``RecoveryError/nonFiniteCorrelation(engine:column:)`` when v holds a NaN, which hosts
  ///   would compute with unnoticed.
  public func read(_ vector: EngineVector) throws(RecoveryError) -> [Double] {
    let vector = vector.own(OpenCLVector.self)
    let values = try queue.read(vector.buffer, vector.count * precision.byteCount) {
      scalar.read($0)
    }
    if let place = values.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: place)
    }
    return values
  }

  /// z_S ← 0. 4 · |S| bytes to the device.
  public func clear(_ z: EngineVector, at indices: [Int]) throws(RecoveryError) {
    let z = z.own(OpenCLVector.self)
    guard let first = indices.first, let last = indices.last else { return }
    precondition(first >= 0 && last < z.count, "index outside the vector")
    let byteCount = indices.count * MemoryLayout<UInt32>.size
    if indexBuffer.byteCount < byteCount {
      indexBuffer = try DeviceBuffer(byteCount, in: memory)
    }
    try staging.send(indices.count, of: MemoryLayout<UInt32>.size, to: indexBuffer) {
      let target = $1.bindMemory(to: UInt32.self)
      for (i, index) in indices[$0].enumerated() { target[i] = UInt32(index) }
    }
    try vectors.zero(z, at: indexBuffer, count: indices.count)
  }

  /// v ← v + α u, with α rounded.
  public func add(
    _ alpha: Double, times u: EngineVector, to v: EngineVector
  ) throws(RecoveryError) {
    let (u, v) = (u.own(OpenCLVector.self), v.own(OpenCLVector.self))
    precondition(u.count == v.count, "vectors of one length")
    func run<Scalar: DeviceScalar>(as scalar: Scalar.Type) throws(RecoveryError) {
      try vectors.add(Scalar(alpha), times: u, to: v)
    }
    try run(as: scalar)
  }

  /// z ← Σ_p c_p v_p, with coefficients rounded: one launch for every eight vectors.
  public func combine(
    _ coefficients: [Double], of vectors: [EngineVector], into z: EngineVector
  ) throws(RecoveryError) {
    let (terms, z) = (vectors.map { $0.own(OpenCLVector.self) }, z.own(OpenCLVector.self))
    precondition(coefficients.count == terms.count, "one coefficient a vector")
    precondition(terms.allSatisfy { $0.count == z.count && $0 !== z }, "vectors of one length")
    func run<Scalar: DeviceScalar>(as scalar: Scalar.Type) throws(RecoveryError) {
      try self.vectors.combine(coefficients.map { Scalar($0) }, of: terms, into: z)
    }
    try run(as: scalar)
  }

  /// The k entries of z of largest magnitude, ties to the lowest index.
  ///
  /// One launch for short vectors, else 4 in single and 5 in double precision, and one transfer of
  /// k · (b + 4) bytes.
  public func largest(_ k: Int, of z: EngineVector) throws(RecoveryError) -> Selection {
    try largest(k, of: z.own(), way: nil)
  }

  /// The k rows of largest norm. The norms stay on the device: a launch or two for every eight vectors beside those of a
  /// selection, and one transfer of k · (b + 4 + b · L) bytes.
  public func largest(_ k: Int, of planes: [EngineVector]) throws(RecoveryError) -> SparseVector {
    if planes.count == 1 { return SparseVector(try largest(k, of: planes[0])) }
    let planes = planes.map { $0.own(OpenCLVector.self) }
    let count = planes[0].count
    precondition(planes.allSatisfy { $0.count == count }, "vectors of one length")
    precondition(k > 0 && k <= count, "between one and all rows are selected")
    let (rows, entries) = try selection.largest(
      k, of: rowKernels.norms(of: planes), beside: k * planes.count
    ) { (buffer, place) throws(RecoveryError) in
      try rowKernels.gather(k, of: planes, into: buffer, at: place)
    }
    return SparseVector(support: try numbers(in: rows).indices, coefficients: entries)
  }

  /// The same, with the kernels chosen by the caller.
  func largest(
    _ k: Int, of z: OpenCLVector, way: RadixSelection.Way?
  ) throws(RecoveryError) -> Selection {
    precondition(k > 0 && k <= z.count, "between one and all entries are selected")
    return try numbers(in: selection.largest(k, of: z, way: way))
  }

  /// The same selection, in which no NaN may be.
  private func numbers(in found: Selection) throws(RecoveryError) -> Selection {
    if let place = found.values.firstIndex(where: \.isNaN) {
      throw .nonFiniteCorrelation(engine: identity.name, column: found.indices[place])
    }
    return found
  }

  // MARK: Products

  /// r ← A D v: sums over chunks of columns, added up in the order of the columns.
  public func multiply(_ v: EngineVector, into r: EngineVector) throws(RecoveryError) {
    let (v, r) = (v.own(OpenCLVector.self), r.own(OpenCLVector.self))
    precondition(v.count == columns && r.count == rows, "n numbers in, m numbers out")
    try products.multiply(v, into: r, by: matrix)
  }

  /// z ← D Aᵀ r: one product a panel.
  public func correlate(_ r: EngineVector, into z: EngineVector) throws(RecoveryError) {
    let (r, z) = (r.own(OpenCLVector.self), z.own(OpenCLVector.self))
    precondition(r.count == rows && z.count == columns, "m numbers in, n numbers out")
    try products.correlate(r, into: z, with: matrix)
  }

  /// z_p ← D Aᵀ r_p for every p, always by this package's own kernels. A GPU reads A once for every 32
  /// residuals, a processor for every 8.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector]
  ) throws(RecoveryError) {
    let (residuals, correlations) = own(residuals, correlations)
    try native.correlate(residuals, into: correlations, with: matrix, nil)
  }

  /// The same with an offset added and zeros at `indices` by the same kernels, which leave the largest
  /// magnitude of each work-group behind; one more launch and one transfer gather these.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) -> [Double] {
    let (residuals, correlations) = own(residuals, correlations)
    try startCorrelating(residuals, into: correlations, adding: offset, outside: indices)
    return try numbers(in: epilogue.largest(residuals.count), of: correlations)
  }

  /// The same, and the `count` largest entries of z_place, selected before the host is told anything: one
  /// transfer brings all.
  public func correlate(
    _ residuals: [EngineVector], into correlations: [EngineVector], adding offset: EngineVector?,
    outside indices: [Int], selecting count: Int, of place: Int
  ) throws(RecoveryError) -> (peaks: [Double], largest: Selection?) {
    let (residuals, correlations) = own(residuals, correlations)
    precondition(correlations.indices.contains(place), "one of the correlations")
    precondition(count > 0 && count <= columns, "between one and all entries are selected")
    try startCorrelating(residuals, into: correlations, adding: offset, outside: indices)
    let (found, peaks) = try selection.largest(
      count, of: correlations[place], beside: residuals.count
    ) { (buffer, begin) throws(RecoveryError) in try epilogue.gather(into: buffer, at: begin) }
    return (try numbers(in: peaks, of: correlations), try numbers(in: found))
  }

  private func startCorrelating(
    _ residuals: [OpenCLVector], into correlations: [OpenCLVector], adding offset: EngineVector?,
    outside indices: [Int]
  ) throws(RecoveryError) {
    let offset = offset?.own(OpenCLVector.self)
    precondition(offset?.count ?? columns == columns, "an offset of n numbers")
    try epilogue.prepare(offset: offset, zeros: indices, columns: columns)
    try native.correlate(residuals, into: correlations, with: matrix, epilogue)
  }

  /// The same peaks of correlations, in which no NaN may be.
  private func numbers(
    in peaks: [Double], of correlations: [OpenCLVector]
  ) throws(RecoveryError) -> [Double] {
    // A selection finds out which column it is.
    for (z, peak) in zip(correlations, peaks) where peak.isNaN { _ = try largest(1, of: z) }
    return peaks
  }

  /// The same vectors as this engine made them, of the right shapes.
  private func own(
    _ residuals: [EngineVector], _ correlations: [EngineVector]
  ) -> ([OpenCLVector], [OpenCLVector]) {
    let residuals = residuals.map { $0.own(OpenCLVector.self) }
    let correlations = correlations.map { $0.own(OpenCLVector.self) }
    precondition(residuals.count == correlations.count, "one result a residual")
    precondition(residuals.allSatisfy { $0.count == rows }, "m numbers in")
    precondition(correlations.allSatisfy { $0.count == columns }, "n numbers out")
    return (residuals, correlations)
  }

  /// Chooses the products, and compiles what they and the selection need, on one column, so that it
  /// counts as loading and not as the first iteration.
  ///
  /// - Parameter file: where measurements are remembered.
  func prepare(_ kernels: ProductKernels, file: RememberedFile<ProductKernels>?)
    throws(RecoveryError)
  {
    let (r, z) = (try makeVector(rows), try makeVector(columns))
    guard let column = matrix.column else { return }
    try native.warmUp(r, z, on: column)
    let clblast = CLBlastProducts(queue: queue, scalar: scalar, vectors: vectors)
    // CLBlast knows no matrix that is stored less precisely than its vectors. Where a pass waits for
    // the bus, kernels make no difference.
    var choice = storageRoundoff > 0 ? .native : kernels
    if choice == .auto {
      let bytes = ProductMeasurement.sampleBytes(on: queue.context.device)
      choice =
        if !matrix.isStreamed, let sample = matrix.sample(bytes: bytes) {
          try ProductMeasurement.faster(native, clblast, r, z, with: sample, file: file)
        } else { .native }
    }
    if choice == .clblast {
      do {
        try clblast.warmUp(r, z, on: column)
        products = clblast
      } catch {
        // Remembered from a day when it worked.
        if kernels == .clblast { throw error }
      }
    }
    _ = try largest(1, of: z)
  }
}

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
