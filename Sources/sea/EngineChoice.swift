import Arguments
import SparseRecovery

/// Where the products with A are computed, as asked for on the command line.
struct EngineChoice {
  /// The names of backends.
  enum Name: String, CaseIterable {
    case auto, cpu, opencl, reference
  }

  /// The options that say it.
  static let options = OptionGroup(
    "Machine",
    [
      Option(
        "backend", letter: "b", .choice(of: Name.self), default: "auto",
        help: "Where products with the matrix are computed",
        details: """
          'auto' takes the first GPU that computes in the wanted precision for matrices of 50 million \
          numbers or more, and the processor for smaller ones, and where there is no GPU, it cannot hold \
          the problem, or it fails. A backend that is named and not there is an error.
          """),
      Option(
        "device", letter: "d", .text, placeholder: "number|name",
        help: "The OpenCL device, by its number in 'sea devices' or a part of its name",
        details: "Implies --backend opencl."),
      Option(
        "gemv", .choice(of: ProductKernels.self), default: "auto",
        help: "The OpenCL kernels for products with the matrix",
        details: """
          'auto' measures native kernels and CLBlast on the device while loading and takes the \
          faster. What it found is kept in ~/.cache/sparse-recovery, which may be deleted.
          """),
      Option(
        "storage", .choice(of: AtomStorage.self), default: "full",
        help: "How precisely an OpenCL device keeps the matrix",
        details: """
          'single' takes 4 bytes a number and 'half' 2: less memory, and less time where memory is \
          what a product waits for. Blocked gradients visit the same supports all the same.
          """),
      Option(
        "device-memory", .text, placeholder: "bytes",
        help: "The most memory that the matrix takes on an OpenCL device, such as 500M or 2G",
        details: """
          K, M, G and T stand for powers of 1024; four fifths of the device's memory unless given. \
          What does not fit is sent anew whenever it is read, with the same results.
          """),
      Option(
        "precision", .choice(of: Precision.self), default: "double",
        help: "The precision of gradients",
        details: "Least squares and losses are always computed in double precision."),
      Option(
        "threads", .integer(1...4096), placeholder: "n",
        help: "How many threads the processor uses; one a core unless given"),
      deterministic,
    ])

  /// The option that asks for the same bits again.
  private static let deterministic = Option(
    "deterministic", .flag, help: "Compute nothing by a choice that was measured or timed",
    details: """
      The same command then gives the same bits on the same machine, whatever the number of threads: \
      native kernels unless --gemv names others, no time limit, and an error instead of the \
      processor where a device fails.
      """)

  let name: Name
  let device: String?
  let precision: Precision
  let threads: Int?
  let kernels: ProductKernels
  let storage: AtomStorage
  let deviceMemory: Int?
  let isDeterministic: Bool

  init(_ arguments: ParsedArguments) throws(RecoveryError) {
    let named: Name = arguments.choice("backend")
    device = arguments.text(ifGiven: "device")
    precision = arguments.choice("precision")
    threads = arguments.int(ifGiven: "threads")
    isDeterministic = arguments.flag("deterministic")
    let kernels: ProductKernels = arguments.choice("gemv")
    self.kernels = isDeterministic && kernels == .auto ? .native : kernels
    storage = arguments.choice("storage")
    deviceMemory = try arguments.text(ifGiven: "device-memory").map {
      (text) throws(RecoveryError) in
      guard let bytes = Int(bytes: text) else {
        throw .invalidOption(
          name: "--device-memory", value: text, expected: "a number of bytes, such as 500M or 2G")
      }
      return bytes
    }
    if isDeterministic, let time = arguments.number(ifGiven: "time-limit") {
      throw .invalidOption(
        name: "--time-limit", value: "\(time)", expected: "none with --deterministic")
    }
    if storage != .full, kernels == .clblast {
      throw .invalidOption(
        name: "--gemv", value: kernels.rawValue, expected: "none with --storage \(storage)")
    }
    if let device, named == .cpu || named == .reference {
      throw .invalidOption(
        name: "--device", value: device, expected: "none with --backend \(named)")
    }
    name = device == nil ? named : .opencl
  }

  /// The backend, or the error that says why there is none.
  func backend() throws(RecoveryError) -> FallbackBackend {
    let processor = CPUBackend(threads: threads)
    switch name {
    case .reference: return FallbackBackend(first: ReferenceBackend(), second: nil)
    case .cpu: return FallbackBackend(first: processor, second: nil)
    case .opencl:
      return FallbackBackend(
        first: try OpenCLBackend(
          device: device, precision: precision, kernels: kernels, storage: storage,
          deviceMemory: deviceMemory, remembersKernels: true), second: nil)
    case .auto:
      let automatic = AutoBackend(processor: processor) {
        () throws(RecoveryError) -> OpenCLBackend? in
        let gpu = OpenCLBackend.devices().first { $0.kind == .gpu && $0.supports(precision) }
        guard let gpu else { return nil }
        return try OpenCLBackend(
          gpu, kernels: kernels, storage: storage, deviceMemory: deviceMemory,
          remembersKernels: true)
      }
      return FallbackBackend(first: automatic, second: isDeterministic ? nil : processor)
    }
  }
}
