public import SparseCore

/// A device that OpenCL offers, as a place for products with A.
///
/// What is loaded on one backend shares its context and its compiled kernels: many solves in one
/// process should share a backend. All of it may be used from many threads at once.
public struct OpenCLBackend: Backend {
  /// The device that does the work.
  public let device: OpenCLDevice

  let programs: ProgramLibrary
  private let contextTime: Duration
  private let kernels: ProductKernels
  /// How precisely it stores atoms.
  public let storage: AtomStorage
  private let deviceMemory: Int?
  private let choices: RememberedFile<ProductKernels>?
  private let costs: CostMeasurement?

  /// Every device there is, GPUs before accelerators before processors; none is no error.
  public static func devices() -> [OpenCLDevice] { OpenCLDevice.all() }

  /// Chooses a device.
  ///
  /// - Parameters:
  ///   - device: its number in ``devices()``, or a part of its name or its platform's, in any case;
  ///     nil for the first that computes in `precision`.
  ///   - precision: what a device not named must be able to do. Where none is, the first is taken,
  ///     and refuses when it is loaded.
  ///   - kernels: whose kernels compute the products with A. CLBlast's need full storage: elsewhere
  ///     `auto` means native.
  ///   - storage: how precisely atoms are stored.
  ///   - deviceMemory: the most bytes that atoms take on the device, nil for four fifths of its
  ///     memory. What does not fit is sent for every pass over A, and the results are the same; those
  ///     of CLBlast may differ in the last bits.
  ///   - remembersKernels: whether what `auto` measures, and what was compiled where the driver does not keep
  ///     that, is kept for other processes of this user, in the folder `sparse-recovery` of `$XDG_CACHE_HOME`
  ///     or `~/.cache`; and of a GPU how long it took to open, to load and to multiply. Nothing is where
  ///     `$SPARSE_RECOVERY_CACHE` is 0.
  /// - Throws: ``RecoveryError/noSuchDevice(wanted:found:)``,
  ///   ``RecoveryError/invalidOption(name:value:expected:)`` for CLBlast without full storage,
  ///   ``RecoveryError/usedAfterFork(what:)``, or ``RecoveryError/deviceFailure(device:call:code:detail:)``.
  public init(
    device: String? = nil, precision: Precision = .single, kernels: ProductKernels = .auto,
    storage: AtomStorage = .full, deviceMemory: Int? = nil, remembersKernels: Bool = false
  ) throws(RecoveryError) {
    try self.init(
      OpenCLDevice.choose(device, precision: precision, from: Self.devices()), kernels: kernels,
      storage: storage, deviceMemory: deviceMemory, remembersKernels: remembersKernels)
  }

  /// Takes a device that ``devices()`` has listed.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for CLBlast without full storage,
  ///   or ``RecoveryError/deviceFailure(device:call:code:detail:)``.
  public init(
    _ device: OpenCLDevice, kernels: ProductKernels = .auto, storage: AtomStorage = .full,
    deviceMemory: Int? = nil, remembersKernels: Bool = false
  ) throws(RecoveryError) {
    let folder = remembersKernels ? CacheFolder() : nil
    try self.init(
      device, calls: OpenCLCalls(), kernels: kernels, storage: storage,
      deviceMemory: deviceMemory, choices: folder.map { RememberedFile(folder: $0) },
      costs: device.kind == .cpu ? nil : folder.map { CostMeasurement(RememberedFile(folder: $0)) },
      programs: folder.flatMap { ProgramCache(in: $0, for: device) })
  }

  /// The same, calling OpenCL through a table.
  init(
    _ device: OpenCLDevice, calls: OpenCLCalls, kernels: ProductKernels = .auto,
    storage: AtomStorage = .full, deviceMemory: Int? = nil,
    choices: RememberedFile<ProductKernels>? = nil, costs: CostMeasurement? = nil,
    programs cache: ProgramCache? = nil
  ) throws(RecoveryError) {
    guard storage == .full || kernels != .clblast else {
      throw .invalidOption(
        name: "kernels", value: kernels.rawValue,
        expected: "auto or native with \(storage) storage")
    }
    try OpenCLDevice.requireOwnProcess()
    self.device = device
    self.kernels = kernels
    self.storage = storage
    self.deviceMemory = deviceMemory
    self.choices = choices
    self.costs = costs
    let begin = ContinuousClock.now
    programs = ProgramLibrary(try Context(device, calls), cache: cache)
    contextTime = .now - begin
  }

  /// What `device` takes to be opened, loaded and asked for products, as far as processes of this user have measured it.
  package static func costs(
    of device: OpenCLDevice, _ precision: Precision, _ storage: AtomStorage
  ) -> DeviceCosts {
    CacheFolder().flatMap {
      CostMeasurement(RememberedFile(folder: $0)).known(device, precision, storage)
    } ?? .usual
  }

  /// The bytes that atoms may take on `device` unless told otherwise.
  package static func defaultMemory(of device: OpenCLDevice) -> Int {
    MatrixPanels.defaultLimit(on: device)
  }

  /// The device and its driver, and whose kernels, as far as is known before a matrix is loaded.
  public var identity: EngineIdentity { device.identity(kernels, storage: storage) }

  /// Copies the atoms to the device, scaled and rounded to what `storage` says, and compiles the
  /// kernels: seconds at the first time on a machine, or every time where nothing is remembered.
  ///
  /// Device bytes: n times the column padded to a multiple of 32 numbers, within the limit. Host bytes: some
  /// megabytes, whatever the size of A.
  ///
  /// - Throws: ``RecoveryError/precisionUnsupported(device:precision:)``, ``RecoveryError/usedAfterFork(what:)``,
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` where rows or columns need more than 31 bits,
  ///   ``RecoveryError/deviceMemoryTooSmall(device:needed:limit:)``,
  ///   or ``RecoveryError/deviceFailure(device:call:code:detail:)``, with the compiler's messages
  ///   where it is the one that fails.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    try makeEngine(atoms, precision: precision)
  }

  /// Loads with panels of at most `panelBytes`, unless one column takes more, work-groups of
  /// `groupSize` items, a power of two, products of this shape, and at most `partialBytes` for partial
  /// sums of many residuals; nil for what suits the device.
  func makeEngine(
    _ atoms: Atoms, precision: Precision, panelBytes: Int? = nil, groupSize: Int? = nil,
    shape: NativeProducts.Shape? = nil, partialBytes: Int? = nil
  ) throws(RecoveryError) -> OpenCLEngine {
    try OpenCLDevice.requireOwnProcess()
    guard device.supports(precision) else {
      throw .precisionUnsupported(device: device.name, precision: precision)
    }
    guard max(MatrixPanels.stride(rows: atoms.rows), atoms.columns) <= Int32.max else {
      throw .matrixTooLarge(rows: atoms.rows, columns: atoms.columns)
    }
    try atoms.requireRange(of: precision)
    let begin = ContinuousClock.now
    // Large groups let one of them select from short vectors; processors run the items of a group
    // one after another.
    let engine = try OpenCLEngine(
      atoms, precision: precision, storage: storage, programs: programs,
      panelBytes: panelBytes ?? MatrixPanels.defaultPanelBytes(on: device),
      limit: deviceMemory ?? MatrixPanels.defaultLimit(on: device),
      groupSize: groupSize
        ?? RadixSelection.groupSize(on: device, atMost: device.kind == .cpu ? 256 : 1024),
      shape: shape ?? NativeProducts.Shape(for: device),
      partialBytes: partialBytes ?? TiledCorrelations.mostPartialBytes)
    try engine.prepare(kernels, file: choices)
    let opening = contextTime + (.now - begin) - engine.upload
    try costs?.measure(engine, device, storage, opening: opening)
    return engine
  }
}
