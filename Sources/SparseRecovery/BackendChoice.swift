public import CPUBackend
public import OpenCLBackend
import ReferenceBackend
public import SparseCore

/// A backend as a command line, a file or another language names it.
public struct BackendChoice: Sendable {
  /// The names of backends.
  public enum Name: String, Sendable, CaseIterable {
    /// The first GPU where a matrix is large enough for it, else the processor.
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
  /// - Parameter warn: told why another place is taken than the first.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for a device of another backend, and what
  ///   ``OpenCLBackend/init(device:precision:kernels:storage:deviceMemory:remembersKernels:)`` throws.
  public func backend(
    warn: @escaping @Sendable (String) -> Void = { _ in }
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
      let automatic = AutoBackend(processor: processor) {
        () throws(RecoveryError) -> OpenCLBackend? in
        let gpu = OpenCLBackend.devices().first { $0.kind == .gpu && $0.supports(precision) }
        guard let gpu else { return nil }
        return try OpenCLBackend(
          gpu, kernels: kernels, storage: storage, deviceMemory: deviceMemory,
          remembersKernels: true)
      }
      return FallbackBackend(
        first: automatic, second: isReplacedOnFailure ? processor : nil, warn: warn)
    }
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

/// The first GPU where a matrix is large enough, else the processor.
public struct AutoBackend: Backend {
  /// The numbers of a matrix from which a GPU is taken.
  ///
  /// To open an NVIDIA H100 takes .2 s, kernels compiled before. Sixteen cores beside it read so many
  /// numbers for 32 residuals in 11 ms, so that the twenty passes of a search take as long.
  public var entriesWorthAGPU = 50_000_000

  private let processor: CPUBackend
  private let gpu: @Sendable () throws(RecoveryError) -> OpenCLBackend?

  /// - Parameters:
  ///   - processor: what multiplies small matrices, and all where there is no GPU.
  ///   - gpu: the GPU to take, which is asked for only where it is wanted: listing devices loads every driver.
  public init(
    processor: CPUBackend, gpu: @escaping @Sendable () throws(RecoveryError) -> OpenCLBackend?
  ) {
    self.processor = processor
    self.gpu = gpu
  }

  /// That of the processor: which place it is depends on what is loaded.
  public var identity: EngineIdentity { processor.identity }

  /// Loads on the GPU where there is one and the matrix is large enough, else on the processor.
  public func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
    let (entries, isBeyond) = atoms.rows.multipliedReportingOverflow(by: atoms.columns)
    if isBeyond || entries >= entriesWorthAGPU, let gpu = try gpu() {
      return try gpu.load(atoms, precision: precision)
    }
    return try processor.load(atoms, precision: precision)
  }
}

extension RecoveryError {
  /// Whether another place may do better: the numbers of a problem are finite, so a product that is
  /// not comes from where it was computed.
  public var isOfDevice: Bool {
    if case .nonFiniteCorrelation = self { true } else { kind == .device }
  }
}
