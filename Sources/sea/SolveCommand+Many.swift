import Arguments
import Glibc
import SparseRecovery

extension SolveCommand {
  /// Solves for every observation, each on its own or all with one support.
  func solveMany(
    _ loaded: Workspace, _ reduction: Reduction?, _ solver: some ResumableSolver,
    _ checkpoint: CheckpointChoice?, _ input: SolveInput, _ clock: SolveClock, _ warning: Warning?
  ) throws {
    for option in ["trace", "check", "truth", "model-output", "test", "report", "alternatives"]
    where arguments.isGiven(option) {
      throw UsageError.excludedOption(option: "--\(option)", by: "several observations")
    }
    var solutions =
      if arguments.flag("joint") {
        try solveJointly(loaded, reduction, solver, checkpoint, input)
      } else { try solveEach(loaded, reduction, solver, checkpoint, input) }
    if let reduction {
      for place in solutions.indices {
        solutions[place] = try reduction.solution(solutions[place], of: place)
      }
    }
    solutions = solutions.map(input.problem.complexForm(of:))
    if let warning { for place in solutions.indices { solutions[place].warnings.append(warning) } }
    let notices = input.notices + (reduction.map { [$0.description] } ?? [])
    let reports = solutions.enumerated().map { place, solution in
      var report = report(solution, input, clock, of: place)
      report.notices = notices
      return report
    }
    let places = SolutionFiles(arguments, files).places(
      of: solutions, input, model: { nil }, page: { nil }, report: reports)
    try OutputFiles.writeAll(
      [
        {
          if arguments.flag("json") {
            try Console.write(json: reports)
          } else if !arguments.flag("quiet") {
            try Console.write(
              table(reports)
                + ResultText.lines(remarks(reports) + notices.map { ("notice", $0) }))
          }
        }
      ] + places)
    if solutions.contains(where: { $0.stopReason == .interrupted }) {
      exit(Interrupt.exitCode.rawValue)
    }
  }

  private func solveEach(
    _ loaded: Workspace, _ reduction: Reduction?, _ solver: any Solver,
    _ checkpoint: CheckpointChoice?, _ input: SolveInput
  ) throws -> [SparseSolution] {
    let start = try checkpoint?.start(CompositeCheckpoint.self)
    return try input.blaming { () throws(RecoveryError) in
      try solver.solve(
        loaded, observations: reduction?.observations ?? input.observations,
        sparsity: reduction?.sparsity(sparsity) ?? sparsity, resuming: start,
        keeper: checkpoint?.file.keeper()
      ) { _, report in observe(report) }
    }
  }

  private func solveJointly<S: ResumableSolver>(
    _ loaded: Workspace, _ reduction: Reduction?, _ solver: S,
    _ checkpoint: CheckpointChoice?, _ input: SolveInput
  ) throws -> [SparseSolution] {
    let start = try checkpoint?.start(S.Checkpoint.self)
    return try input.blaming { () throws(RecoveryError) in
      try solver.solve(
        loaded, jointly: reduction?.observations ?? input.observations,
        sparsity: reduction?.sparsity(sparsity) ?? sparsity, resuming: start,
        keeper: checkpoint?.file.keeper(), observer: observe)
    }
  }

  private func observe(_ report: IterationReport) -> SolveControl {
    Interrupt.wasRequested ? .stop : .proceed
  }

  /// What is said of all together, and what of some.
  private func remarks(_ reports: [SolveReport]) -> [(name: String, value: String)] {
    var lines = arguments.flag("joint") ? reports.first?.joint ?? [] : []
    var places: [String: [Int]] = [:]
    for (place, report) in reports.enumerated() {
      for warning in report.warnings { places[warning, default: []].append(place) }
    }
    lines += places.sorted { ($0.value[0], $0.key) < ($1.value[0], $1.key) }.map {
      warning, places in
      let all = places.count == reports.count
      let list =
        all ? "all observations" : "observation \(places.map(String.init).joined(separator: ", "))"
      return ("warning", "\(list): \(warning)")
    }
    return lines
  }

  /// One line an observation.
  private func table(_ reports: [SolveReport]) -> String {
    let lines = reports.enumerated().map { place, report in
      let solution = report.solution
      return "\(place)\t\(report.left)\t"
        + "\(solution.iterations)\t\(solution.support.map(report.columns.label).joined(separator: ","))\n"
    }
    return "observation\t\(reports.first?.heading ?? "")\titerations\tsupport\n" + lines.joined()
  }
}
