public import CPUBackend
public import OpenCLBackend
import ReferenceBackend
public import SparseCore

/// A backend as a command line, a file or another language names it.
public struct BackendChoice: Sendable {
  /// The names of backends.
  public enum Name: String, Sendable, CaseIterable {
    /// The first GPU where it saves more time than it costs to open, else the processor.
    case auto
    /// ``CPUBackend``.
    case cpu
    /// ``OpenCLBackend``.
    case opencl
    /// ``ReferenceBackend``.
    case reference
  }

  /// Which backend.
  public var name = Name.auto
  /// The OpenCL device, by its number or a part of its name, which `auto` then stands for; nil for the first
  /// that is fit.
  public var device: String?
  /// Of the gradients.
  public var precision = Precision.double
  /// How many threads the processor uses, or nil for one a core.
  public var threads: Int?
  /// Whose kernels an OpenCL device uses.
  public var kernels = ProductKernels.auto
  /// How precisely an OpenCL device stores atoms.
  public var storage = AtomStorage.full
  /// The most bytes that atoms take on an OpenCL device, or nil for four fifths of its memory.
  public var deviceMemory: Int?
  /// Whether the processor takes the place of a GPU that nobody named where it cannot hold a problem or fails.
  public var isReplacedOnFailure = true

  /// `auto`, in double precision.
  public init() {}

  /// The backend, or the error that says why there is none.
  ///
  /// - Parameters:
  ///   - warn: told why another place is taken than the first.
  ///   - explain: told which place `auto` takes, and why, when a problem is loaded.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a device of another backend, and what
  ///   ``OpenCLBackend/init(device:precision:kernels:storage:deviceMemory:remembersKernels:)`` throws.
  public func backend(
    warn: @escaping @Sendable (String) -> Void = { _ in },
    explain: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(RecoveryError) -> FallbackBackend {
    let processor = CPUBackend(threads: threads)
    if let device, name == .cpu || name == .reference {
      throw .invalidOption(name: "device", value: device, expected: "none with backend \(name)")
    }
    switch device == nil ? name : .opencl {
    case .reference: return FallbackBackend(first: ReferenceBackend(), second: nil, warn: warn)
    case .cpu: return FallbackBackend(first: processor, second: nil, warn: warn)
    case .opencl:
      return FallbackBackend(
        first: try OpenCLBackend(
          device: device, precision: precision, kernels: kernels, storage: storage,
          deviceMemory: deviceMemory, remembersKernels: true), second: nil, warn: warn)
    case .auto:
      let automatic = AutoBackend(processor: processor, explain: explain) {
        guard let gpu = Self.gpu(for: precision) else { return nil }
        return AutoBackend.Candidate(
          name: gpu.name, costs: OpenCLBackend.costs(of: gpu, precision, storage),
          storedByteCount: storage.byteCount(in: precision),
          memory: deviceMemory ?? OpenCLBackend.defaultMemory(of: gpu)
        ) { () throws(RecoveryError) in
          try OpenCLBackend(
            gpu, kernels: kernels, storage: storage, deviceMemory: deviceMemory,
            remembersKernels: true)
        }
      }
      return FallbackBackend(
        first: automatic, second: isReplacedOnFailure ? processor : nil, warn: warn)
    }
  }
}

extension BackendChoice {
  /// The GPU that `auto` weighs, if there is one. Asking loads every driver.
  package static func gpu(for precision: Precision) -> OpenCLDevice? {
    OpenCLBackend.devices().first { $0.kind == .gpu && $0.supports(precision) }
  }
}

/// A device that nobody named, and what takes its place where it cannot hold a problem or fails.
public struct FallbackBackend: Backend {
  /// Where a problem is loaded if that can be.
  public let first: any Backend
  /// Nil where the first was named, so that nothing may take its place.
  public let second: (any Backend)?
  private let warn: @Sendable (String) -> Void

  /// - Parameter warn: told in one line why the second takes the place of the first.
  public init(
    first: any Backend, second: (any Backend)?,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.first = first
    self.second = second
    self.warn = warn
  }

  /// That of the first.
  public var identity: EngineIdentity { first.identity }

  /// Loads on the first, or says why not and loads on the second.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    do {
      return try first.load(atoms, precision: precision)
    } catch {
      return try substitute(for: error).load(atoms, precision: precision)
    }
  }

  /// Lends an engine that holds the atoms to `body`. Where the first place fails on the way, says so
  /// and calls `body` once more, with an engine of the second and a warning for the result.
  public func withEngine<Result>(
    _ atoms: Atoms, precision: Precision, _ body: (any Engine, Warning?) throws -> Result
  ) throws -> Result {
    do {
      return try body(first.load(atoms, precision: precision), nil)
    } catch let error as RecoveryError {
      let second = try substitute(for: error)
      return try body(
        second.load(atoms, precision: precision), .engineReplaced(failure: error.description))
    }
  }

  /// What takes the place of the first after this error, which is thrown where nothing does.
  private func substitute(for error: RecoveryError) throws(RecoveryError) -> any Backend {
    guard let second, error.isOfDevice else { throw error }
    warn("\(error); on the processor instead")
    return second
  }
}

/// A GPU where it saves more time than it costs to open and to load, else the processor.
///
/// What is weighed is an estimate (docs/gpu-hosts.md, "What auto weighs"), of constants that were measured: two processes
/// may choose differently, and a matrix may be close to where both are as fast.
public struct AutoBackend: Backend {
  /// A GPU that may be taken.
  public struct Candidate: Sendable {
    /// What it calls itself.
    let name: String
    let costs: DeviceCosts
    /// The bytes of a number of the atoms there.
    let storedByteCount: Int
    /// The most bytes of atoms there.
    let memory: Int
    let open: @Sendable () throws(RecoveryError) -> any Backend
  }

  private let processor: CPUBackend
  private let gpu: @Sendable () throws(RecoveryError) -> Candidate?
  private let explain: @Sendable (String) -> Void

  /// - Parameters:
  ///   - processor: what multiplies where a GPU would not pay, and where there is none.
  ///   - explain: told in one sentence which place is taken, and why.
  ///   - gpu: the GPU to weigh, which is asked for only where it may pay: listing devices loads every driver.
  public init(
    processor: CPUBackend, explain: @escaping @Sendable (String) -> Void = { _ in },
    gpu: @escaping @Sendable () throws(RecoveryError) -> Candidate?
  ) {
    self.processor = processor
    self.explain = explain
    self.gpu = gpu
  }

  /// That of the processor: which place it is depends on what is loaded.
  public var identity: EngineIdentity { processor.identity }

  /// Loads on the GPU where there is one that pays, else on the processor. Where it is a close question, the processor is
  /// measured for some milliseconds.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    guard atoms.dense != nil else {
      explain("the processor, where a matrix that is not dense stays as it is")
      return try processor.load(atoms, precision: precision)
    }
    var worth = DeviceWorth(
      rows: atoms.rows, columns: atoms.columns,
      byteCount: (precision.byteCount, precision.byteCount),
      processorRate: DeviceWorth.usualRateOfACore * Double(processor.threads))
    guard worth.isWorthAsking else {
      explain(worth.reason(device: nil))
      return try processor.load(atoms, precision: precision)
    }
    guard let gpu = try gpu() else {
      explain("the processor, since no GPU here computes in \(precision) precision")
      return try processor.load(atoms, precision: precision)
    }
    worth = DeviceWorth(
      rows: atoms.rows, columns: atoms.columns,
      byteCount: (precision.byteCount, gpu.storedByteCount), limit: gpu.memory,
      processorRate: try processor.passRate(precision))
    worth.costs = gpu.costs
    explain(worth.reason(device: gpu.name))
    return worth.takesDevice
      ? try gpu.open().load(atoms, precision: precision)
      : try processor.load(atoms, precision: precision)
  }
}

extension RecoveryError {
  /// Whether another place may do better: the numbers of a problem are finite, so a product that is
  /// not comes from where it was computed.
  public var isOfDevice: Bool {
    if case .nonFiniteCorrelation = self { true } else { kind == .device }
  }
}
