import SparseRecovery

/// What is wrong with the results of one row, in words.
struct Findings {
  private(set) var texts: [String] = []

  /// Notes a finding unless `isRight`.
  mutating func expect(_ isRight: Bool, _ text: @autoclosure () -> String) {
    if !isRight { texts.append(text()) }
  }

  /// Notes an error where none is expected; nil then.
  mutating func attempt<Result>(_ what: String, _ body: () throws -> Result) -> Result? {
    do { return try body() } catch {
      texts.append("\(what): \(error)")
      return nil
    }
  }
}

extension Findings {
  /// Judges one solution by itself: its support, its coefficients, and what it says of its residual.
  mutating func judge(_ found: Trial.Found, _ trial: Trial) {
    let (solution, oracle) = (found.solution, trial.oracles[found.observation])
    let support = solution.support
    let model = trial.model
    let place = "observation \(found.observation), k = \(found.sparsity)"
    expect(
      trial.size(of: support) <= found.sparsity, "\(place): support \(support) has more than k")
    if let groups = model.columnGroups {
      let chosen = Set(support.map { groups[$0] })
      let lacking = oracle.usable.filter { chosen.contains(groups[$0]) && !support.contains($0) }
      expect(lacking.isEmpty, "\(place): columns \(lacking) of groups in \(support) are left out")
    }
    expect(
      zip(support, support.dropFirst()).allSatisfy(<), "\(place): support \(support) is no set")
    expect(
      model.included.isSubset(of: support), "\(place): support \(support) lacks what is included")
    let barred = support.filter { !model.included.contains($0) && !oracle.usable.contains($0) }
    expect(barred.isEmpty, "\(place): columns \(barred) may not be selected")
    let isSound =
      solution.coefficients.count == support.count && solution.coefficients.allSatisfy(\.isFinite)
      && support.allSatisfy(trial.table.columns.indices.contains)
    expect(isSound, "\(place): coefficients \(solution.coefficients) of \(support)")
    guard isSound else { return }
    if model.isNonnegative {
      // With one support for all, a coefficient may be zero for some.
      let isJoint = trial.row[Observations.self] == .joint
      expect(
        solution.coefficients.allSatisfy { isJoint ? $0 >= 0 : $0 > 0 },
        "\(place): coefficients \(solution.coefficients) of \(support)")
    }
    if trial.row[Minimised.self] == .squares {
      judgeFit(solution, oracle, model, place)
    } else {
      judgeMinimum(solution, oracle, place)
    }
  }

  private mutating func judgeFit(
    _ solution: SparseSolution, _ oracle: Oracle, _ model: RecoveryModel, _ place: String
  ) {
    // Coefficients held at zero have no least squares of their own.
    let free = zip(solution.support, solution.coefficients).filter {
      !model.isNonnegative || $1 > 0
    }
    let fit = oracle.fit(free.map(\.0))
    // ε times the condition, and its square where a residual is left (Higham 2002, §20.1).
    let unit = 16 * Double(free.count + 2) * Double.ulpOfOne
    let lengths = free.map { max(oracle.length($0.0), .leastNormalMagnitude) }
    if fit.condition.isFinite {
      let tolerance =
        unit * fit.condition * (fit.size + fit.condition * fit.residualNorm)
      for ((term, x), length) in zip(zip(free, fit.coefficients), lengths) {
        expect(
          abs(term.1 - x) * length <= tolerance,
          "\(place): coefficient \(term.0) is \(term.1), by hand \(x)")
      }
    }
    let recomputed = oracle.residual(of: solution)
    let residual = norm(recomputed[...])
    let size = fit.size + zip(free, lengths).reduce(0) { $0 + abs($1.0.1) * $1.1 }
    expect(
      abs(solution.residualNorm - residual) <= unit * size,
      "\(place): residual norm \(solution.residualNorm), of these coefficients \(residual)")
    expect(
      abs(solution.loss - residual * residual / 2) <= unit * size * size,
      "\(place): loss \(solution.loss), of these coefficients \(residual * residual / 2)")
    let loss = oracle.loss(of: solution)
    expect(
      abs(loss - fit.loss) <= oracle.lossTolerance(size),
      "\(place): twice the loss is \(loss) on \(solution.support), by hand \(fit.loss)")
    if let intercept = fit.intercept, fit.condition.isFinite {
      let tolerance = unit * fit.condition * (fit.size + fit.condition * fit.residualNorm)
      expect(
        abs((solution.intercept ?? .nan) - intercept) * oracle.interceptLength <= tolerance,
        "\(place): intercept \(solution.intercept ?? .nan), by hand \(intercept)")
    } else if fit.intercept == nil {
      expect(solution.intercept == nil, "\(place): an intercept that nobody asked for")
    }
    let whole = oracle.fit(oracle.included).residualNorm
    guard whole > 1e-12 * oracle.observationNorm else { return }
    expect(
      abs(solution.relativeResidual - residual / whole) <= unit * fit.size / whole,
      "\(place): relative residual \(solution.relativeResidual), by hand \(residual / whole)")
  }
}

extension Findings {
  /// Under another loss than least squares: the loss is that of the coefficients, and nothing is left to gain along a
  /// column of the support.
  private mutating func judgeMinimum(
    _ solution: SparseSolution, _ oracle: Oracle, _ place: String
  ) {
    let value = oracle.point(of: solution)?.value ?? .nan
    let size = oracle.observationNorm * oracle.observationNorm / 2
    expect(
      abs(solution.loss - value) <= 1e-9 * value + 1e-12 * size,
      "\(place): loss \(solution.loss), of these coefficients \(value)")
    expect(
      abs(solution.residualNorm * solution.residualNorm - 2 * solution.loss) <= 1e-12
        * solution.loss,
      "\(place): residual norm \(solution.residualNorm) of the loss \(solution.loss)")
    // Of what rounding leaves of the null model, shares say nothing.
    let whole = solution.residualNorm / solution.relativeResidual
    expect(
      !(whole > 1e-12 * oracle.observationNorm)
        || (0...(1 + 1e-9)).contains(solution.relativeResidual),
      "\(place): relative residual \(solution.relativeResidual)")
    // Where there is no minimum as well, the coefficients are where nothing is left to gain; beside columns included,
    // which are fitted once more to what the atoms leave, none is promised.
    let isUnbounded = solution.warnings.contains {
      if case .unboundedFit = $0 { true } else { false }
    }
    guard !isUnbounded || oracle.included.isEmpty else { return }
    let intercept: [Int?] = solution.intercept == nil ? [] : [nil]
    for j in solution.support.map(Optional.some) + intercept {
      let decrease = oracle.decrease(of: solution, along: j)
      expect(
        decrease <= 1e-9 * size,
        "\(place): the loss \(value) would fall by \(decrease) along \(j.map { "column \($0)" } ?? "the intercept")"
      )
    }
  }
}

extension Findings {
  /// Judges the solutions of a joint search together.
  mutating func judgeTogether(_ found: [Trial.Found], _ trial: Trial) {
    guard trial.row[Observations.self] == .joint, let first = found.first else { return }
    let support = first.solution.support
    expect(
      found.allSatisfy { $0.solution.support == support },
      "supports \(found.map(\.solution.support)) of one search differ")
    guard found.allSatisfy({ $0.solution.support == support }) else { return }
    // Of a group some columns may have none.
    let groups = trial.model.columnGroups
    let taking = support.indices.filter { place in
      found.contains { $0.solution.coefficients[place] != 0 }
    }
    let known = Set(taking.map { groups?[support[$0]] ?? support[$0] })
    let idle = support.filter { !known.contains(groups?[$0] ?? $0) }
    expect(idle.isEmpty, "columns \(idle) have no part in any observation")
    // Of another loss every minimum was judged by its slopes.
    for item in found where trial.model.isNonnegative && trial.row[Minimised.self] == .squares {
      expectNoneEnters(item, support, trial.oracles[item.observation])
    }
  }

  /// No coefficient of these columns that is zero would grow from zero (Karush, Kuhn and Tucker).
  mutating func expectNoneEnters(_ found: Trial.Found, _ columns: [Int], _ oracle: Oracle) {
    let support = zip(found.solution.support, found.solution.coefficients)
      .filter { $1 > 0 }.map(\.0)
    let unit = 32 * Double(support.count + 2) * Double.ulpOfOne
    let size = oracle.fit(support).size
    for j in columns where !support.contains(j) {
      let slope = oracle.slope(of: found.solution, along: j)
      expect(
        slope >= -unit * oracle.length(j) * size,
        "observation \(found.observation): column \(j) at zero would grow, slope \(slope)")
    }
  }
}

extension Findings {
  /// A warning that columns are zero names those that are, of the ones that could be selected.
  mutating func judgeWarnings(_ found: Trial.Found, _ trial: Trial) {
    let model = trial.model
    let zeros = trial.table.columns.indices.filter { j in
      trial.table.columns[j].allSatisfy { $0 == 0 } && !model.included.contains(j)
        && !model.excluded.contains(j)
    }
    let named = found.solution.warnings.flatMap { warning in
      if case .zeroColumns(let columns) = warning { columns } else { [Int]() }
    }
    expect(
      named == zeros,
      "observation \(found.observation), k = \(found.sparsity): warned that columns \(named) are "
        + "zero, where \(zeros) are")
  }
}
