public import CSparseRecovery
import Solvers
import SparseCore
import SparseRecovery

extension Problem {
  /// Solves every sparsity of a range, and chooses one.
  func path(
    _ observation: [Double], _ sparsities: ClosedRange<Int>, _ options: Options, _ watch: Watch
  ) throws(CallError) -> Results {
    var chosen = PathSettings()
    _ = try recovering { () throws(RecoveryError) in try options.apply(to: &chosen) }
    let request = try SolveRequest(options, of: self, isPath: true)
    let file = try request.settings.checkpointFile()
    let start = try request.settings.start(from: file, PathCheckpoint.self)
    return try recovering { () throws(RecoveryError) in
      let criterion = try chosen.sparsityCriterion()
      let draws = try chosen.resampling()
      let problem = try stated.observing(observation)
      let reduction = mayBeReduced ? try Reduction(problem, settings.reduction) : nil
      let included = reduction?.includedCount ?? 0
      var solver = request.solver
      solver.limits.time = nil
      let path = SparsityPath(
        solver: solver, limits: request.settings.limits, targetResidual: criterion.targetResidual)
      let (found, warning) = try withWorkspace(reduction?.problem, request.gramUse) {
        (workspace) throws(RecoveryError) in
        let workspace = reduction == nil ? try workspace.observing(observation) : workspace
        let found = try path.solve(
          workspace,
          sparsities: sparsities.lowerBound - included...sparsities.upperBound - included,
          resuming: start?.path, keeper: file?.keeper { PathCheckpoint(path: $0) },
          observer: { watch.control($0) })
        return try reduction?.path(found) ?? found
      }
      let (judged, resampled) = try withBackend { (backend) throws(RecoveryError) in
        let judgement = PathJudgement(
          of: path, problem, on: backend, precision: settings.backend.precision,
          reduction: settings.reduction, gramMemory: settings.gramMemory, gramUse: request.gramUse)
        let judged = try judgement.choice(
          from: found, by: criterion, resuming: start?.validation,
          keeper: found.checkpoint.flatMap { path in
            file?.keeper { PathCheckpoint(path: path, validation: $0) }
          }, observer: { watch.control($0) })
        let resampled = try draws.map { (draws) throws(RecoveryError) in
          try judgement.resampled(
            found, by: draws, resuming: start?.resampling,
            keeper: found.checkpoint.flatMap { path in
              file?.keeper {
                PathCheckpoint(path: path, validation: judged.errors?.checkpoint, resampling: $0)
              }
            }, observer: { watch.control($0) })
        }
        return (judged, resampled)
      }
      let choice = judged.choice
      let entries = found.points.map { point in
        var solution = point.solution
        if let warning { solution.warnings.append(warning) }
        return Results.Entry(
          sparsity: point.sparsity, solution: solution, algorithm: request.settings.algorithm)
      }
      return Results(
        entries,
        notices: notices + (reduction.map { [$0.description] } ?? [])
          + choice.notices.map(\.description),
        chosen: found.points.firstIndex { $0.sparsity == choice.sparsity },
        numbers: [
          "criterion": choice.values, "standard_errors": choice.standardErrors ?? [],
          "fold_errors": judged.errors?.folds.flatMap { $0 } ?? [],
        ].merging(resampled?.numbers(columns: problem.columns) ?? [:]) { own, _ in own })
    }
  }
}

extension ResampledPaths {
  /// The numbers that the header names; frequencies sparsity after sparsity.
  fileprivate func numbers(columns: Int) -> [String: [Double]] {
    let shares = sparsities.flatMap { sparsity in
      var shares = [Double](repeating: 0, count: draws.isEmpty ? 0 : columns)
      for column in frequencies(at: sparsity) { shares[column.column] = column.frequency }
      return shares
    }
    let errors = sparsities.compactMap { heldOutError(at: $0) }
    return [
      "draws": [Double(draws.count)], "frequencies": shares, "held_out_errors": errors.map(\.mean),
      "held_out_deviations": errors.compactMap(\.standardDeviation),
    ]
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_path(
  _ problem: OpaquePointer?, _ observation: UnsafePointer<Double>?, _ rows: Int64, _ least: Int64,
  _ most: Int64, _ options: OpaquePointer?, _ watch: UnsafeMutablePointer<sr_watch>?,
  _ results: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status { () throws(CallError) in
    guard let problem else { throw .null("problem") }
    guard let results else { throw .null("results") }
    guard least >= 0, most >= least else {
      throw .argument("sparsities", "\(least) to \(most)", "a range from 0 on")
    }
    let loaded = object(problem, as: Problem.self)
    let observation = try observations(
      observation, rows: rows, count: 1, leadingDimension: rows, of: loaded)[0]
    results.pointee = handle(
      try loaded.path(observation, Int(least)...Int(most), Options.of(options), Watch(watch)))
  }
}
