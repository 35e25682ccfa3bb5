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
          'auto' takes the first GPU that computes in the wanted precision, else the processor. A \
          backend that is named and not there is an error.
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
          faster.
          """),
      Option(
        "precision", .choice(of: Precision.self), default: "double",
        help: "The precision of gradients",
        details: "Least squares and losses are always computed in double precision."),
      Option(
        "threads", .integer(1...4096), placeholder: "n",
        help: "How many threads the processor uses; one a core unless given"),
    ])

  let name: Name
  let device: String?
  let precision: Precision
  let threads: Int?
  let kernels: ProductKernels

  init(_ arguments: ParsedArguments) throws(RecoveryError) {
    let named: Name = arguments.choice("backend")
    device = arguments.text(ifGiven: "device")
    precision = arguments.choice("precision")
    threads = arguments.int(ifGiven: "threads")
    kernels = arguments.choice("gemv")
    if let device, named == .cpu || named == .reference {
      throw .invalidOption(
        name: "--device", value: device, expected: "none with --backend \(named)")
    }
    name = device == nil ? named : .opencl
  }

  /// The backend, or the error that says why there is none.
  func backend() throws(RecoveryError) -> any Backend {
    switch name {
    case .reference: return ReferenceBackend()
    case .cpu: return CPUBackend(threads: threads)
    case .opencl: return try OpenCLBackend(device: device, precision: precision, kernels: kernels)
    case .auto:
      let gpu = OpenCLBackend.devices().first { $0.kind == .gpu && $0.supports(precision) }
      guard let gpu else { return CPUBackend(threads: threads) }
      return try OpenCLBackend(gpu, kernels: kernels)
    }
  }
}
