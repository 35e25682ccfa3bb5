public import SparseCore

/// A device that OpenCL offers, as a place for products with A.
public struct OpenCLBackend: Backend {
  /// The device that does the work.
  public let device: OpenCLDevice

  let context: Context
  private let kernels: ProductKernels

  /// Every device there is, GPUs before accelerators before processors; none is no error.
  public static func devices() -> [OpenCLDevice] { OpenCLDevice.all() }

  /// Chooses a device.
  ///
  /// - Parameters:
  ///   - device: its number in ``devices()``, or a part of its name or its platform's, in any case;
  ///     nil for the first that computes in `precision`.
  ///   - precision: what a device not named must be able to do. Where none is, the first is taken,
  ///     and refuses when it is loaded.
  ///   - kernels: whose kernels compute the products with A.
  /// - Throws: ``RecoveryError/noSuchDevice(wanted:found:)`` or
  ///   ``RecoveryError/deviceFailure(device:call:code:detail:)``.
  public init(
    device: String? = nil, precision: Precision = .single, kernels: ProductKernels = .auto
  ) throws(RecoveryError) {
    try self.init(
      OpenCLDevice.choose(device, precision: precision, from: Self.devices()), kernels: kernels)
  }

  /// Takes a device that ``devices()`` has listed.
  ///
  /// - Throws: ``RecoveryError/deviceFailure(device:call:code:detail:)``.
  public init(_ device: OpenCLDevice, kernels: ProductKernels = .auto) throws(RecoveryError) {
    self.device = device
    self.kernels = kernels
    context = try Context(device)
  }

  /// The device and its driver, and whose kernels, as far as is known before a matrix is loaded.
  public var identity: EngineIdentity { device.identity(kernels) }

  /// Copies the atoms to the device, scaled and rounded once to `precision`, and compiles the
  /// kernels: seconds at the first time on a machine, where the driver keeps no cache.
  ///
  /// Device bytes: n times the column padded to a multiple of 32 numbers. Host bytes: some
  /// megabytes, whatever the size of A.
  ///
  /// - Throws: ``RecoveryError/precisionUnsupported(device:precision:)``,
  ///   ``RecoveryError/matrixTooLarge(rows:columns:)`` where rows or columns need more than 31 bits,
  ///   or ``RecoveryError/deviceFailure(device:call:code:detail:)``, with the compiler's messages
  ///   where it is the one that fails.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    try makeEngine(atoms, precision: precision)
  }

  /// Loads with panels of at most `panelBytes`, unless one column takes more, work-groups of
  /// `groupSize` items, a power of two, and products of this shape; nil for what suits the device.
  func makeEngine(
    _ atoms: Atoms, precision: Precision, panelBytes: Int? = nil, groupSize: Int? = nil,
    shape: NativeProducts.Shape? = nil
  ) throws(RecoveryError) -> OpenCLEngine {
    guard device.supports(precision) else {
      throw .precisionUnsupported(device: device.name, precision: precision)
    }
    guard max(MatrixPanels.stride(rows: atoms.rows), atoms.columns) <= Int32.max else {
      throw .matrixTooLarge(rows: atoms.rows, columns: atoms.columns)
    }
    // Large groups let one of them select from short vectors; processors run the items of a group
    // one after another.
    let engine = try OpenCLEngine(
      atoms, precision: precision, context: context,
      panelBytes: panelBytes ?? MatrixPanels.defaultPanelBytes(on: device),
      groupSize: groupSize ?? device.groupSize(atMost: device.kind == .cpu ? 256 : 1024),
      shape: shape ?? NativeProducts.Shape(for: device))
    try engine.prepare(kernels)
    return engine
  }
}
