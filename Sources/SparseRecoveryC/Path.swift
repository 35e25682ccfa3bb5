public import CSparseRecovery
import Solvers
import SparseCore
import SparseRecovery

extension Problem {
  /// Solves every sparsity of a range, for each observation on its own or with one support for all, and chooses.
  ///
  /// - Returns: the results of each path.
  func paths(
    _ observations: [[Double]], _ sparsities: ClosedRange<Int>, _ options: Options, _ watch: Watch
  ) throws(CallError) -> [Results] {
    var chosen = PathSettings()
    _ = try recovering { () throws(RecoveryError) in try options.apply(to: &chosen) }
    let request = try SolveRequest(options, of: self, isPath: true)
    if let count = request.settings.alternatives {
      throw .argument("alternatives", "\(count)", "none of a path")
    }
    guard !chosen.startsWarm || request.settings.algorithm == Portfolio.name else {
      throw .argument("warm-start", "true", "no algorithm: it is sea")
    }
    let isJoint = request.settings.isJoint
    let file = try request.settings.checkpointFile()
    let start = try request.settings.start(from: file, PathsCheckpoint.self)
    return try recovering { () throws(RecoveryError) in
      let criteria = try chosen.sparsityCriteria(for: settings.loss)
      let problem = try stated.observing(observations[0])
      let reduction =
        mayBeReduced
        ? try Reduction(problem, observations: observations, settings.reduction) : nil
      var solver = request.solver
      solver.limits.time = nil
      var limits = request.settings.limits
      limits.isCancelled = watch.isCancelled
      var paths = ObservationPaths(
        SparsityPath(
          solver: chosen.startsWarm ? nil : solver, limits: limits,
          targetResidual: criteria[0].criterion.targetResidual),
        problem, observations: observations, sparsities: sparsities,
        criteria: criteria.map(\.criterion), resuming: start, keeper: file?.keeper())
      paths.isJoint = isJoint
      paths.draws = try chosen.resampling()
      paths.precision = settings.backend.precision
      paths.reduction = settings.reduction
      paths.gramMemory = settings.gramMemory
      paths.gramUse = request.gramUse
      paths.observer = { watch.control($1, observation: $0) }
      let (found, warning) = try withWorkspace(reduction?.problem, request.gramUse) {
        (workspace) throws(RecoveryError) in try paths.solve(workspace, reduction)
      }
      let outcomes = try withBackend { (backend) throws(RecoveryError) in
        try paths.judge(found, on: backend)
      }
      return outcomes.map { outcome in
        Results(
          outcome, of: observations, problem, isJoint: isJoint, by: criteria.map(\.name),
          algorithm: chosen.startsWarm ? SEA.name : request.settings.algorithm, warning,
          notices: notices + (reduction.map { [$0.description] } ?? []))
      }
    }
  }
}

extension Results {
  /// What came of one path.
  ///
  /// - Parameters:
  ///   - names: those of the criteria.
  ///   - warning: for every solution.
  ///   - notices: those of all paths.
  fileprivate convenience init(
    _ outcome: ObservationPaths.Outcome, of observations: [[Double]], _ problem: RecoveryProblem,
    isJoint: Bool, by names: [String], algorithm: String, _ warning: Warning?, notices: [String]
  ) {
    let points = outcome.path.complexForm(of: problem).points
    let entries = points.flatMap { point in
      point.solutions.enumerated().map { place, solution in
        var solution = solution
        if let warning { solution.warnings.append(warning) }
        return Entry(
          sparsity: point.sparsity, solution: solution, algorithm: algorithm,
          observation: isJoint ? place : outcome.observation)
      }
    }
    let verdicts = Array(zip(names, outcome.choices))
    var numbers = [
      "residual_norms": points.map(\.residualNorm),
      "relative_residuals": points.map(\.relativeResidual),
      "criterion": outcome.choices[0].values,
      "standard_errors": outcome.choices.lazy.compactMap(\.standardErrors).first ?? [],
      "fold_errors": outcome.errors?.folds.flatMap { $0 } ?? [],
    ]
    for (name, choice) in verdicts { numbers[name] = choice.values }
    if let resampled = outcome.resampled {
      numbers.merge(resampled.numbers(columns: problem.givenColumns)) { own, _ in own }
    }
    self.init(
      entries, of: observations, problem, isJoint: isJoint,
      notices: notices
        + verdicts.flatMap { name, choice in
          choice.notices.map { (names.count > 1 ? "\(name): " : "") + $0.description }
        },
      choices: verdicts.map { name, choice in
        let place = points.firstIndex { $0.sparsity == choice.sparsity }
        return (name, place.map { $0 * points[0].solutions.count })
      }, numbers: numbers)
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
  sr_paths(problem, observation, rows, 1, rows, least, most, options, watch, results)
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_paths(
  _ problem: OpaquePointer?, _ values: UnsafePointer<Double>?, _ rows: Int64, _ count: Int64,
  _ leadingDimension: Int64, _ least: Int64, _ most: Int64, _ options: OpaquePointer?,
  _ watch: UnsafeMutablePointer<sr_watch>?, _ results: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status { () throws(CallError) in
    guard let problem else { throw .null("problem") }
    guard let results else { throw .null("results") }
    guard least >= 0, most >= least else {
      throw .argument("sparsities", "\(least) to \(most)", "a range from 0 on")
    }
    let loaded = object(problem, as: Problem.self)
    let observations = try observations(
      values, rows: rows, count: count, leadingDimension: leadingDimension,
      expected: loaded.stated.givenRows, parts: loaded.stated.partsOfNumber)
    let found = try loaded.paths(
      observations, Int(least)...Int(most), Options.of(options), Watch(watch, of: loaded.stated))
    for (place, path) in found.enumerated() { results[place] = handle(path) }
  }
}
