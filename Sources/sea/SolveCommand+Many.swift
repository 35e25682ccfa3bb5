import Arguments
import Glibc
import SparseRecovery

extension SolveCommand {
  /// Solves for every observation, each on its own or all with one support.
  func solveMany(
    _ loaded: Workspace, _ reduction: Reduction?, _ solver: any Solver,
    _ checkpoint: CheckpointFile?, _ input: SolveInput, _ clock: SolveClock, _ warning: Warning?
  ) throws {
    for option in ["trace", "check", "truth", "model-output", "test"]
    where arguments.isGiven(option) {
      throw RecoveryError.invalidOption(
        name: "--\(option)", value: "given", expected: "none with several observations")
    }
    if arguments.flag("joint"), checkpoint != nil {
      throw RecoveryError.invalidOption(
        name: "--checkpoint", value: "given", expected: "none with --joint")
    }
    let start = try checkpoint?.start(CompositeCheckpoint.self)
    var solutions = try input.blaming {
      () throws(RecoveryError) in
      try solveEach(loaded, reduction, solver, input, from: start, keeper: checkpoint?.keeper())
    }
    if let warning { for place in solutions.indices { solutions[place].warnings.append(warning) } }
    let notices = input.notices + (reduction.map { [$0.description] } ?? [])
    let reports = solutions.enumerated().map { place, solution in
      var report = report(solution, input, clock, of: place)
      report.notices = notices
      return report
    }
    try OutputFiles.writeAll([
      {
        if arguments.flag("json") {
          try Console.write(json: reports)
        } else if !arguments.flag("quiet") {
          try Console.write(
            table(reports) + ResultText.lines(notices.map { ("notice", $0) }))
        }
      },
      {
        guard let path = arguments.text(ifGiven: "output") else { return }
        let columns = input.problem.columns
        try MatrixFile.write(
          .double(
            Matrix(
              rows: columns, columns: solutions.count,
              columnMajor: solutions.flatMap { $0.dense(columns: columns) })), to: path,
          replacing: files.areReplaced)
      },
    ])
    if solutions.contains(where: { $0.stopReason == .interrupted }) {
      exit(Interrupt.exitCode.rawValue)
    }
  }

  private func solveEach(
    _ loaded: Workspace, _ reduction: Reduction?, _ solver: any Solver, _ input: SolveInput,
    from start: CompositeCheckpoint?, keeper: CheckpointKeeper<CompositeCheckpoint>?
  ) throws(RecoveryError) -> [SparseSolution] {
    let observe: SolveObserver = { _ in Interrupt.wasRequested ? .stop : .proceed }
    let observations = reduction?.observations ?? input.observations
    let sparsity = sparsity - (reduction?.includedCount ?? 0)
    var solutions =
      if arguments.flag("joint") {
        try Joint(joint(), limits: method.limits).solve(
          loaded, observations: observations, sparsity: sparsity, observer: observe)
      } else {
        try solver.solve(
          loaded, observations: observations, sparsity: sparsity, resuming: start, keeper: keeper
        ) { observe($1) }
      }
    if let reduction {
      for place in solutions.indices {
        solutions[place] = try reduction.solution(solutions[place], of: place)
      }
    }
    return solutions
  }

  private func joint() throws(RecoveryError) -> Joint.Method {
    let name = arguments.text("algorithm")
    guard let method = Joint.Method(rawValue: name) else {
      throw .invalidOption(
        name: "--algorithm", value: name, expected: "sea, omp or exhaustive with --joint")
    }
    return method
  }

  /// One line an observation.
  private func table(_ reports: [SolveReport]) -> String {
    let lines = reports.enumerated().map { place, report in
      let solution = report.solution
      return "\(place)\t\(solution.relativeResidual.significant(6))\t"
        + "\(solution.iterations)\t\(solution.support.map(report.columns.label).joined(separator: ","))\n"
    }
    return "observation\trelative residual\titerations\tsupport\n" + lines.joined()
  }
}
