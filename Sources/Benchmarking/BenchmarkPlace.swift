public import SparseRecovery

/// A backend to measure, with the kind of device behind it.
public struct BenchmarkPlace: Sendable {
  /// The backend.
  public let backend: any Backend
  /// What the device is.
  public let device: DeviceFacts
  /// The precisions it computes in.
  public let precisions: [Precision]
  /// Whether host memory is the ceiling, rather than what the engine itself streams.
  let ceilingIsHost: Bool
  /// The most bytes of a vector.
  let largestVector: Int
  /// How precisely the atoms are stored.
  let storage: AtomStorage

  package init(
    backend: any Backend, device: DeviceFacts, precisions: [Precision], ceilingIsHost: Bool,
    largestVector: Int, storage: AtomStorage = .full
  ) {
    self.storage = storage
    self.backend = backend
    self.device = device
    self.precisions = precisions
    self.ceilingIsHost = ceilingIsHost
    self.largestVector = largestVector
  }

  /// The processor.
  ///
  /// - Parameter threads: how many threads share a product; nil for one a core.
  public static func cpu(threads: Int? = nil) -> BenchmarkPlace {
    let backend = CPUBackend(threads: threads)
    return BenchmarkPlace(
      backend: backend,
      device: DeviceFacts(
        name: backend.identity.device, kind: "cpu", library: backend.identity.library,
        computeUnits: threads ?? Host.cores),
      precisions: Precision.allCases, ceilingIsHost: true, largestVector: .max)
  }

  /// The bytes of a number of A.
  func atomBytes(_ precision: Precision) -> Int {
    switch storage {
    case .full: precision.byteCount
    case .single: 4
    case .half: 2
    }
  }

  /// A device that OpenCL offers.
  public static func openCL(_ backend: OpenCLBackend) -> BenchmarkPlace {
    let (device, storage) = (backend.device, backend.storage)
    return BenchmarkPlace(
      backend: backend,
      device: DeviceFacts(
        name: device.name, kind: device.kind.rawValue,
        library: "\(device.platform); \(backend.identity.library)",
        computeUnits: device.computeUnits),
      // Single storage is full storage where single precision computes.
      precisions: Precision.allCases.filter {
        device.supports($0) && (storage != .single || $0 == .double)
      },
      ceilingIsHost: false, largestVector: min(device.maximumAllocation, device.memory / 8),
      storage: storage)
  }

  /// The processor, and OpenCL devices in each of some storages.
  ///
  /// - Parameters:
  ///   - threads: how many threads share a product on the processor; nil for one a core.
  ///   - device: the number of a device or a part of its name; nil for every device there is.
  ///   - storages: how precisely atoms are stored on a device.
  /// - Throws: ``RecoveryError/noSuchDevice(wanted:found:)`` or
  ///   ``RecoveryError/deviceFailure(device:call:code:detail:)``.
  public static func all(
    threads: Int? = nil, device: String? = nil, storages: [AtomStorage] = [.full]
  ) throws(RecoveryError) -> [BenchmarkPlace] {
    var devices = OpenCLBackend.devices()
    if let device {
      devices = [try OpenCLDevice.choose(device, precision: .single, from: devices)]
    }
    var places = [cpu(threads: threads)]
    for device in devices {
      for storage in storages {
        places.append(openCL(try OpenCLBackend(device, storage: storage)))
      }
    }
    return places
  }
}

/// What a device is: figures of a processor must not pass for those of a GPU because the same
/// backend drives both.
public struct DeviceFacts: Equatable, Sendable, Codable {
  /// What the device calls itself.
  public let name: String
  /// `cpu`, `gpu` or `accelerator`.
  public let kind: String
  /// The driver or the library, with its version.
  public let library: String
  /// The compute units of an OpenCL device, or the threads used on the processor.
  public let computeUnits: Int

  /// Collects the facts.
  package init(name: String, kind: String, library: String, computeUnits: Int) {
    self.name = name
    self.kind = kind
    self.library = library
    self.computeUnits = computeUnits
  }
}
