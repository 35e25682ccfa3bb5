import Dispatch
import Glibc
import SparseRecovery
import Synchronization
import TestSupport

/// Every kind of solve once: all solvers, gradients, precisions and storages, one after another and at
/// once, to the end, stopped, refused and resumed, with files in between.
struct Round {
  /// How many solves have ended so far.
  private(set) var solves = 0

  private let synthetic: SyntheticProblem
  private let problem: RecoveryProblem
  private var devices: [Device] = []
  private let folder = TemporaryFolder()
  /// The first answer of every kind of solve.
  private var answers: [String: [Int]] = [:]

  init() throws {
    synthetic = try SyntheticProblem(
      SyntheticParameters(
        ensemble: .gaussian(rows: 60, columns: 300), sparsity: 6, snr: 12, seed: 11))
    problem = try RecoveryProblem(
      matrix: .double(synthetic.matrix), observation: synthetic.observation)
  }

  private static let k = 6
  private static let limits: Limits = {
    var limits = Limits()
    limits.iterations = 60
    return limits
  }()

  mutating func run() throws {
    try everySolver()
    try atOnce()
    try onDevices()
    try pathsAndObservations()
    try stoppedAndResumed()
    try refused()
    try files()
  }

  /// Makes new contexts. Drivers may keep something of every program that was ever compiled: PoCL 3.1
  /// some kilobytes.
  mutating func renewDevices() throws {
    devices = try OpenCLBackend.devices().map { try Device($0, problem) }
  }

  /// Notes that a solve has ended with this support, the same in every round.
  private mutating func note(_ kind: String, _ support: [Int]) throws {
    solves += 1
    let first = answers[kind, default: support]
    answers[kind] = first
    guard first == support else { throw SoakError.otherAnswer(kind, first, support) }
  }

  private mutating func everySolver() throws {
    let exact = [Exhaustive.name, BranchAndBound.name]
    for algorithm in Algorithm.all where !exact.contains(algorithm.name) {
      let solution = try algorithm.solver(Self.limits).solve(
        problem, sparsity: Self.k, on: CPUBackend())
      try note(algorithm.name, solution.support)
    }
    try note(
      Portfolio.name,
      Portfolio(limits: Self.limits).solve(problem, sparsity: Self.k, on: CPUBackend()).support)
  }

  private mutating func atOnce() throws {
    let found = Mutex<[Result<[Int], any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { [problem] _ in
      let support = Result {
        try SEA(limits: Self.limits).solve(problem, sparsity: Self.k, on: CPUBackend(threads: 2))
          .support
      }
      found.withLock { $0.append(support) }
    }
    for support in found.withLock({ $0 }) { try note(SEA.name, support.get()) }
  }

  /// Every gradient, storage and kind of kernels, on contexts that live for many rounds.
  private mutating func onDevices() throws {
    for device in devices {
      for gradient in [SEA.Gradient.direct, .blocked, .gram] {
        try note(
          "\(gradient) on a device",
          solve(SEA(gradient: gradient, limits: Self.limits), device.whole))
      }
      try note("streamed", solve(SEA(gradient: .blocked, limits: Self.limits), device.streaming))
      try note("CLBlast", solve(OMP(limits: Self.limits), device.clblast))
    }
  }

  private func solve(_ solver: any Solver, _ backend: OpenCLBackend) throws -> [Int] {
    try solver.solve(problem, sparsity: Self.k, on: backend, precision: .single).support
  }

  private mutating func pathsAndObservations() throws {
    let path = try SparsityPath(limits: Self.limits).solve(
      problem, sparsities: 1...Self.k, on: CPUBackend())
    try note("path", path.points.last?.solution.support ?? [])
    let engine = try CPUBackend().load(problem.atoms, precision: .double)
    let many = try SEA(limits: Self.limits).solve(
      problem, observations: [synthetic.observation, synthetic.observation.map { -$0 }],
      sparsity: Self.k, with: engine)
    for solution in many { try note("observations", solution.support) }
  }

  private mutating func stoppedAndResumed() throws {
    let supports = try Self.stopAndResume(
      problem, with: CPUBackend().load(problem.atoms, precision: .double))
    try note("stopped", supports.stopped)
    try note(SEA.name, supports.resumed)
  }

  private static func stopAndResume(
    _ problem: RecoveryProblem, with engine: any Engine
  ) throws -> (stopped: [Int], resumed: [Int]) {
    let (sea, loaded) = (SEA(limits: limits), Workspace(problem, on: engine))
    var last: IterationCheckpoint?
    let stopped = try sea.solve(
      loaded, sparsity: k, resuming: nil,
      keeper: CheckpointKeeper(isDue: { true }, keep: { last = $0 })
    ) { $0.iteration == 40 ? .stop : .proceed }
    let resumed = try sea.solve(loaded, sparsity: k, resuming: last, keeper: nil) { _ in .proceed }
    return (stopped.support, resumed.support)
  }

  /// A refusal is an answer too.
  private mutating func refused() throws {
    for k in [0, problem.columns + 1] {
      let refusal = Result { try OMP().solve(problem, sparsity: k, on: CPUBackend()) }
      guard case .failure(RecoveryError.sparsityOutOfRange) = refusal else {
        throw SoakError.notRefused(sparsity: k)
      }
      solves += 1
    }
  }

  private mutating func files() throws {
    for name in ["A.npy", "A.csv", "A.mtx"] {
      let path = folder(name)
      defer { unlink(path) }
      try MatrixFile.write(.double(synthetic.matrix), to: path)
      let problem = try RecoveryProblem(
        matrix: MatrixFile.read(path), observation: synthetic.observation)
      try note(
        OMP.name,
        OMP(limits: Self.limits).solve(problem, sparsity: Self.k, on: CPUBackend()).support)
    }
  }
}

/// The ways to compute on one device.
private struct Device {
  let whole: OpenCLBackend
  /// With room for a third of the columns, in half precision.
  let streaming: OpenCLBackend
  let clblast: OpenCLBackend

  init(_ device: OpenCLDevice, _ problem: RecoveryProblem) throws {
    whole = try OpenCLBackend(device, kernels: .native)
    streaming = try OpenCLBackend(
      device, kernels: .native, storage: .half,
      deviceMemory: problem.columns / 3 * problem.rows * 2)
    clblast = try OpenCLBackend(device, kernels: .clblast)
  }
}

/// Why a soak ends early.
enum SoakError: Error {
  case otherAnswer(String, [Int], [Int])
  case notRefused(sparsity: Int)
}
