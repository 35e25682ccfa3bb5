public import CSparseRecovery
import Losses
import Solvers
import SparseCore
import SparseRecovery

extension Problem {
  /// Solves for observations, each on its own or with one support for all.
  func solve(
    _ observations: [[Double]], sparsity: Int, _ options: Options, _ watch: Watch
  ) throws(CallError) -> Results {
    let request = try SolveRequest(options, of: self)
    var solver = request.solver
    solver.limits.isCancelled = watch.isCancelled
    let file = try request.settings.checkpointFile()
    let reduction = try recovering { () throws(RecoveryError) in
      mayBeReduced && sparsity > stated.atoms.requiredCount
        ? try Reduction(stated, observations: observations, settings.reduction) : nil
    }
    let found = try solved(solver, observations, sparsity, reduction, request, file, watch)
    let isOne = observations.count == 1
    let entries = found.enumerated().map { place, solution in
      Results.Entry(
        sparsity: sparsity, solution: solution, algorithm: request.settings.algorithm,
        observation: isOne ? 0 : place)
    }
    return Results(
      entries, of: observations, stated, isJoint: request.settings.isJoint,
      notices: notices + (reduction.map { [$0.description] } ?? []))
  }

  private func solved<S: ResumableSolver>(
    _ solver: S, _ observations: [[Double]], _ sparsity: Int, _ reduction: Reduction?,
    _ request: SolveRequest, _ file: CheckpointFile?, _ watch: Watch
  ) throws(CallError) -> [SparseSolution] {
    let k = try recovering { () throws(RecoveryError) in
      try reduction?.sparsity(sparsity) ?? sparsity
    }
    let targets = reduction?.observations ?? observations
    let alternatives = request.settings.alternatives
    if let alternatives, targets.count > 1 || request.settings.isJoint {
      throw .argument("alternatives", "\(alternatives)", "none with several observations")
    }
    if request.settings.isJoint {
      let start = try request.settings.start(from: file, S.Checkpoint.self)
      return try finish(reduction, request) { (workspace) throws(RecoveryError) in
        try solver.solve(
          workspace, jointly: targets, sparsity: k, resuming: start, keeper: file?.keeper()
        ) { watch.control($0) }
      }
    }
    if targets.count == 1 {
      let start = try request.settings.start(from: file, S.Checkpoint.self)
      return try finish(reduction, request) { (workspace) throws(RecoveryError) in
        let workspace = try workspace.observing(targets[0])
        var others = alternatives.map { Alternatives(count: $0) }
        let found = try solver.solve(
          workspace, sparsity: k, resuming: start, keeper: file?.keeper()
        ) { report in
          others?.note(report)
          return watch.control(report)
        }
        return [found] + (try others?.besides(found, workspace) ?? [])
      }
    }
    let start = try request.settings.start(from: file, CompositeCheckpoint.self)
    return try finish(reduction, request) { (workspace) throws(RecoveryError) in
      try solver.solve(
        workspace, observations: targets, sparsity: k, resuming: start, keeper: file?.keeper()
      ) { watch.control($1, observation: $0) }
    }
  }

  /// Solves on a workspace, and says what was found in terms of the table.
  private func finish(
    _ reduction: Reduction?, _ request: SolveRequest,
    _ solve: (Workspace) throws(RecoveryError) -> [SparseSolution]
  ) throws(CallError) -> [SparseSolution] {
    try recovering { () throws(RecoveryError) in
      var (solutions, warning) = try withWorkspace(reduction?.problem, request.gramUse, solve)
      for place in solutions.indices {
        if let reduction {
          // What follows the solutions of all observations are others of the only one.
          let observation = min(place, reduction.observations.count - 1)
          solutions[place] = try reduction.solution(solutions[place], of: observation)
        }
        solutions[place] = stated.complexForm(of: solutions[place])
        if let warning { solutions[place].warnings.append(warning) }
      }
      return solutions
    }
  }
}

/// What the options of a solve, or of a path, say.
struct SolveRequest {
  let settings: SolveSettings
  let solver: any ResumableSolver
  /// When gradients come from products of columns.
  let gramUse: GramUse

  /// - Parameter isPath: whether the options of a path are taken elsewhere.
  init(_ options: Options, of problem: Problem, isPath: Bool = false) throws(CallError) {
    var settings = SolveSettings()
    let loss = problem.settings.loss
    let (solver, gradient) = try recovering { () throws(RecoveryError) in
      var own = try options.apply(to: &settings)
      try options.requireLists(
        of: SolveSettings.self, but: isPath ? PathSettings.lists.map(\.name) : [])
      var solver = try settings.solver()
      let kind = type(of: solver)
      if isPath {
        // The seed is that of random starts as well, where there are any.
        own.removeAll { option in
          PathSettings.options.contains { $0.name == option.name }
            && !(option.name == "seed" && kind.has(option: "seed"))
        }
      }
      if let threads = problem.settings.backend.threads, kind.has(option: "threads") {
        try solver.set("threads", to: "\(threads)")
      }
      for (name, text) in own { try solver.set(name, to: text) }
      if loss != .squares { try Self.require(loss, of: solver, settings, own) }
      return (solver, own.last { $0.name == "gradient" }?.text)
    }
    self.settings = settings
    self.solver = solver
    gramUse = (gradient.flatMap(SEA.Gradient.init) ?? .auto).gramUse
  }

  /// Refuses, under another loss than least squares, a solver that does not minimise it, and what would do nothing:
  /// products of columns.
  private static func require(
    _ loss: LossName, of solver: any ResumableSolver, _ settings: SolveSettings,
    _ own: [(name: String, text: String)]
  ) throws(RecoveryError) {
    guard solver.minimizesAnyLoss else {
      let names = [Portfolio.name] + Algorithm.namesForAnyLoss
      throw .invalidOption(
        name: "algorithm", value: settings.algorithm,
        expected: "with loss \(loss.rawValue) one of \(names.joined(separator: ", "))")
    }
    for (name, text) in own {
      let expected: String? =
        switch (name, text) {
        case ("gradient", "gram"), ("gradient", "blocked"): "auto or direct"
        default: nil
        }
      guard let expected else { continue }
      throw .invalidOption(
        name: name, value: text, expected: "\(expected) with loss \(loss.rawValue)")
    }
  }
}

/// The observations of a caller: columns of `rows` numbers, of which `expected` are needed.
///
/// - Parameter parts: how many of ours each number is: 2 of a complex one.
func observations(
  _ values: UnsafePointer<Double>?, rows: Int64, count: Int64, leadingDimension: Int64,
  expected: Int, parts: Int = 1
) throws(CallError) -> [[Double]] {
  guard let values else { throw .null("observations") }
  guard count >= 1, count <= Int64(Int32.max) else {
    throw .argument("count", "\(count)", "at least one observation")
  }
  guard rows == Int64(expected) else {
    throw .recovery(.observationLength(expected: expected, found: Int(rows)))
  }
  guard leadingDimension >= rows, leadingDimension <= Int64(Int32.max) else {
    throw .argument("leading dimension", "\(leadingDimension)", "at least the \(rows) rows")
  }
  return (0..<Int(count)).map {
    let start = values + $0 * parts * Int(leadingDimension)
    return Array(UnsafeBufferPointer(start: start, count: parts * expected))
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_solve(
  _ problem: OpaquePointer?, _ values: UnsafePointer<Double>?, _ rows: Int64, _ count: Int64,
  _ leadingDimension: Int64, _ sparsity: Int64, _ options: OpaquePointer?,
  _ watch: UnsafeMutablePointer<sr_watch>?, _ results: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status { () throws(CallError) in
    guard let problem else { throw .null("problem") }
    guard let results else { throw .null("results") }
    let loaded = object(problem, as: Problem.self)
    let found = try loaded.solve(
      observations(
        values, rows: rows, count: count, leadingDimension: leadingDimension,
        expected: loaded.stated.givenRows, parts: loaded.stated.partsOfNumber),
      sparsity: Int(sparsity), Options.of(options), Watch(watch, of: loaded.stated))
    results.pointee = handle(found)
  }
}
