import SparseRecovery

extension Findings {
  /// No solution is worse than where its search began, nor than what it is made of.
  mutating func compareWithStarts(_ found: [Trial.Found], _ trial: Trial) {
    let limits = Trial.limits
    let (method, start) = (trial.row[Method.self].rawValue, trial.row[Start.self])
    let starts: [any Solver] =
      switch (method, start) {
      case ("sea", .omp), ("els", .omp), ("els", .own), ("ompr", .omp), ("splicing", .omp):
        [OMP(limits: limits)]
      // A start that names a part of a group is no support.
      case ("sea", .vector) where trial.model.columnGroups != nil: []
      case ("sea", .vector), ("els", .vector): [FixedSupport(trial.startSupport)]
      case ("portfolio", _): [OMP(limits: limits), OLS(limits: limits)]
      default: []
      }
    for item in found {
      let oracle = trial.oracles[item.observation]
      let loss = oracle.loss(of: item.solution)
      let selected = trial.startSupport.count
      for solver in starts {
        let name = type(of: solver).name
        let solved: SparseSolution
        do { solved = try trial.solution(solver, item.observation) } catch RecoveryError
          .unsupportedModel
        { continue } catch {
          expect(false, "\(name) alone: \(error)")
          continue
        }
        // SEA fills up a start with fewer nonzeros by columns that may be worth less.
        let isWhole = trial.size(of: solved.support) == trial.includedSize + selected
        guard isWhole || method != "sea" || start == .vector else { continue }
        let other = oracle.loss(of: solved)
        expect(
          loss <= other + oracle.lossTolerance(oracle.observationNorm),
          "observation \(item.observation): twice the loss is \(loss) on \(item.solution.support),"
            + " of \(name) alone \(other) on \(solved.support)")
      }
    }
  }

  /// The losses of a path never increase, and one sparsity alone is what the portfolio finds.
  mutating func comparePath(_ found: [Trial.Found], _ trial: Trial) {
    guard trial.row[Method.self] == .path else { return }
    for (low, high) in zip(found, found.dropFirst()) where low.observation == high.observation {
      let oracle = trial.oracles[low.observation]
      let (before, after) = (oracle.loss(of: low.solution), oracle.loss(of: high.solution))
      expect(
        after <= before + oracle.lossTolerance(oracle.observationNorm),
        "k = \(high.sparsity): twice the loss is \(after), for one column fewer \(before)")
    }
    let k = trial.sparsity
    for item in found where item.sparsity == k {
      let oracle = trial.oracles[item.observation]
      let portfolio = attempt("portfolio alone") {
        try trial.solution(Portfolio(limits: Trial.limits), item.observation)
      }
      let single = attempt("path over \(k)...\(k)") {
        try SparsityPath(limits: Trial.limits).solve(
          trial.problem(item.observation), sparsities: k...k,
          on: trial.row[Place.self].backend(), precision: trial.row[Digits.self].precision
        ).points[0].solution
      }
      guard let portfolio, let single else { continue }
      expect(
        single.support == portfolio.support && single.coefficients == portfolio.coefficients
          && single.residualNorm == portfolio.residualNorm,
        "path over \(k)...\(k): \(single.support), \(single.residualNorm); "
          + "portfolio: \(portfolio.support), \(portfolio.residualNorm)")
      let (wide, narrow) = (oracle.loss(of: item.solution), oracle.loss(of: single))
      expect(
        wide <= narrow + oracle.lossTolerance(oracle.observationNorm),
        "k = \(k): twice the loss is \(wide) in a range, \(narrow) alone")
    }
  }

  /// The supports do not depend on the way to compute them, where that is promised: in double
  /// precision, and where no warning says otherwise.
  mutating func compareWithPlain(_ found: [Trial.Found], _ trial: Trial) {
    let row = trial.row
    guard row[Digits.self] == .double,
      row[Place.self] != .reference || ![.auto, .direct].contains(row[GradientWay.self]),
      let plain = attempt("reference", { try trial.run(plainly: true) })
    else { return }
    compare(found, plain, trial, "reference")
  }

  /// Rows of weight zero are as if they were not there.
  mutating func compareWithoutFill(_ found: [Trial.Found], _ trial: Trial) {
    guard trial.table.fill != nil, trial.row[Digits.self] == .double,
      let fewer = attempt("without rows of weight zero", { try trial.run(withoutFill: true) })
    else { return }
    compare(found, fewer, trial, "without rows of weight zero")
  }

  /// A row of weight w that is a frequency stands for w rows.
  mutating func compareWithRepeatedRows(_ found: [Trial.Found], _ trial: Trial) {
    guard trial.model.weightsAreFrequencies, trial.row[Digits.self] == .double,
      let repeated = attempt("rows repeated", { try trial.repeatingRows().run(plainly: true) })
    else { return }
    compare(found, repeated, trial, "rows repeated")
  }

  /// The supports that come next are other ones of the same size, in the order of their losses; in plain least squares
  /// none that one exchange leads to is better than the first.
  mutating func judgeAlternatives(_ found: [Trial.Found], _ trial: Trial) {
    guard trial.row[Others.self] == .alternatives, let item = found.first,
      let others = attempt(
        "alternatives", { try trial.alternatives(to: item.solution, count: 3) })
    else { return }
    let (oracle, support) = (trial.oracles[0], item.solution.support)
    let supports = [support] + others.map(\.support)
    expect(
      others.count <= 3 && Set(supports).count == supports.count
        && supports.allSatisfy { trial.size(of: $0) == trial.size(of: support) },
      "alternatives \(supports.dropFirst()) to \(support)")
    for other in others {
      judge(Trial.Found(observation: 0, sparsity: item.sparsity, solution: other), trial)
    }
    let losses = others.map { oracle.loss(of: $0) }
    let tolerance = oracle.lossTolerance(oracle.observationNorm)
    expect(
      zip(losses, losses.dropFirst()).allSatisfy { $0 <= $1 + tolerance },
      "alternatives with twice the losses \(losses)")
    let selected = support.filter { !trial.model.included.contains($0) }
    guard trial.model.isPlain, trial.model.columnGroups == nil,
      trial.row[Minimised.self] == .squares, !selected.isEmpty,
      trial.row[Digits.self] == .double, oracle.fit(support).condition.isFinite,
      !item.solution.warnings.contains(.reducedStorage)
    else { return }
    for leaving in selected {
      for entering in oracle.usable where !support.contains(entering) {
        let swapped = (support.filter { $0 != leaving } + [entering]).sorted()
        let loss = oracle.fit(swapped).loss
        expect(
          losses.first.map { $0 <= loss + tolerance } ?? false,
          "\(swapped) with twice the loss \(loss) is better than the alternatives "
            + "\(supports.dropFirst()) to \(support) with \(losses)")
      }
    }
  }

  /// Two results have one support, or losses that tie, unless a warning says that the rounding of
  /// stored atoms had its say.
  private mutating func compare(
    _ found: [Trial.Found], _ others: [Trial.Found], _ trial: Trial, _ what: String
  ) {
    expect(found.count == others.count, "\(found.count) solutions, \(what) \(others.count)")
    // Message passing knows atoms of unit length alone. Of copies of one atom, which tie there, rounding chooses; a ridge
    // tells them apart by the lengths given.
    let row = trial.row
    let isTied =
      Method.named("amp", "vamp", "joint amp", "joint vamp").contains(row[Method.self])
      && row[Kind.self] == .duplicated
      && row[Lengths.self] == .given && row[Ridge.self] != .none
    // Rows that are rotated, or of another number, round, and vector AMP that does not settle ends elsewhere for it. AMP
    // takes rows for independent of each other: counted ones for as many as are unlike, repeated ones for all of them, and
    // few rows for as many as the products of their columns show. Backward elimination begins with half as many columns as
    // there are rows, where these are fewer than columns.
    let isTurned =
      Method.named("vamp", "joint vamp").contains(row[Method.self])
      && (row[Rows.self] == .reduced || row[Entries.self] == .few
        || trial.model.weightsAreFrequencies || what == "without rows of weight zero")
      || Method.named("amp", "joint amp").contains(row[Method.self])
        && (row[Entries.self] == .few || what == "rows repeated")
      || Method.named("backward", "joint backward").contains(row[Method.self])
        && what == "rows repeated"
    guard !isTied, !isTurned else { return }
    for (item, other) in zip(found, others)
    where item.solution.support != other.solution.support
      && !item.solution.warnings.contains(.reducedStorage)
    {
      let oracle = trial.oracles[item.observation]
      let (own, wanted) = (oracle.loss(of: item.solution), oracle.loss(of: other.solution))
      expect(
        abs(own - wanted) <= oracle.lossTolerance(oracle.observationNorm),
        "observation \(item.observation), k = \(item.sparsity): \(item.solution.support) with "
          + "twice the loss \(own), \(what): \(other.solution.support) with \(wanted)")
    }
  }
}
