import Arguments
import SparseRecovery
import Synchronization

/// Where the products with A are computed, as asked for on the command line.
struct EngineChoice {
  /// The options that say it.
  static let options = OptionGroup(
    "Machine",
    [
      Option(
        "backend", letter: "b", .choice(of: BackendChoice.Name.self), default: "auto",
        help: "Where products with the matrix are computed",
        details: """
          'auto' takes the first GPU that computes in the wanted precision where it saves more time than \
          it costs to open and to load, by an estimate that the result tells, and the processor elsewhere, \
          also where the GPU cannot hold the problem or fails. A backend that is named and not there is an \
          error.
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
      processor where a device fails. On a machine with a GPU --backend must name one, since 'auto' weighs \
      what was measured.
      """)

  /// The backend that was named.
  let backend: BackendChoice
  let isDeterministic: Bool
  /// Of the gradients.
  var precision: Precision { backend.precision }
  /// Which place `auto` took, and why.
  let verdict = Verdict()

  init(_ arguments: ParsedArguments) throws(RecoveryError) {
    var backend = BackendChoice()
    backend.name = arguments.choice("backend")
    backend.device = arguments.text(ifGiven: "device")
    backend.precision = arguments.choice("precision")
    backend.threads = arguments.int(ifGiven: "threads")
    isDeterministic = arguments.flag("deterministic")
    backend.isReplacedOnFailure = !isDeterministic
    let kernels: ProductKernels = arguments.choice("gemv")
    backend.kernels = isDeterministic && kernels == .auto ? .native : kernels
    backend.storage = arguments.choice("storage")
    backend.deviceMemory = try arguments.text(ifGiven: "device-memory").map {
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
    if backend.storage != .full, kernels == .clblast {
      throw .invalidOption(
        name: "--gemv", value: kernels.rawValue, expected: "none with --storage \(backend.storage)")
    }
    if let device = backend.device {
      guard backend.name == .auto || backend.name == .opencl else {
        throw .invalidOption(
          name: "--device", value: device, expected: "none with --backend \(backend.name)")
      }
      backend.name = .opencl
    }
    self.backend = backend
  }

  /// The backend, or the error that says why there is none.
  func makeBackend() throws(RecoveryError) -> FallbackBackend {
    var backend = backend
    backend.name = try certainName { BackendChoice.gpu(for: precision) != nil }
    return try backend.backend {
      Console.error("sea: \($0)")
    } explain: { [verdict] in
      verdict.set($0)
    }
  }

  /// The name of the backend. Where nothing may be measured, `auto` stands for the processor on a machine without a GPU,
  /// where there is nothing to choose, and for nothing on others.
  func certainName(hasGPU: () -> Bool) throws(RecoveryError) -> BackendChoice.Name {
    guard isDeterministic, backend.name == .auto else { return backend.name }
    guard !hasGPU() else {
      throw .invalidOption(
        name: "--backend", value: backend.name.rawValue,
        expected:
          "cpu, opencl or reference with --deterministic, since auto weighs what it measures")
    }
    return .cpu
  }

  /// Which place `auto` took, and why: known once a problem is loaded, unless a backend was named.
  final class Verdict: Sendable {
    private let sentence = Mutex<String?>(nil)

    /// The sentence, if there is one.
    var text: String? { sentence.withLock(\.self) }

    func set(_ text: String) { sentence.withLock { $0 = text } }
  }
}
