import CSparseRecovery
import Glibc
import Solvers
import SparseCore
import SparseRecovery
import Synchronization

/// What a solution is worth, by the names of C.
private enum Measure: String, CaseIterable {
  case aic, bic, ebic, gic, cp
  case rSquared = "r_squared"
  case adjustedRSquared = "adjusted_r_squared"
  case loss, deviance
  case explainedLoss = "explained_loss"
  case explainedDeviance = "explained_deviance"

  /// Nil for all others.
  var criterion: InformationCriterion? {
    switch self {
    case .aic: .aic
    case .bic: .bic
    case .ebic: .ebic()
    case .gic: .gic
    default: nil
    }
  }

  /// Refuses what is not defined under a loss.
  func require(_ loss: any Loss) throws(CallError) {
    let found = "the \(loss.name) loss"
    switch self {
    case .cp, .rSquared, .adjustedRSquared:
      guard loss is SquaredLoss else { throw .argument(rawValue, found, "least squares") }
    case .deviance, .explainedDeviance:
      guard loss.isHalfDeviance else {
        throw .argument(rawValue, found, "a loss that is half a deviance: logistic or poisson")
      }
    case .aic, .bic, .ebic, .gic:
      guard loss is SquaredLoss || loss.isHalfDeviance else {
        throw .argument(rawValue, "\(found), which is no likelihood", "another loss")
      }
    case .loss, .explainedLoss: break
    }
  }
}

/// Fits of all columns, by observation: each is computed once, when Cp is asked for.
final class FullFits: Sendable {
  private let fits = Mutex<[Int: MallowsCp]>([:])

  /// - Parameter problem: with the observation of this place.
  func fit(_ place: Int, _ problem: RecoveryProblem) throws(RecoveryError) -> MallowsCp {
    if let known = fits.withLock({ $0[place] }) { return known }
    let fit = try MallowsCp(problem, on: CPUBackend())
    fits.withLock { $0[place] = fit }
    return fit
  }
}

extension Results {
  /// One measure of the solution at a place.
  ///
  /// - Parameter loaded: the problem that was solved, with its matrix.
  fileprivate func measure(
    _ measure: Measure, _ place: Int, _ loaded: Problem?
  ) throws(CallError) -> Double {
    let entry = entries[place]
    let observation = observations[entry.observation]
    try measure.require(problem.loss)
    switch measure {
    case .loss: return entry.solution.loss
    case .deviance: return 2 * entry.solution.loss
    case .explainedLoss, .explainedDeviance:
      return 1 - entry.solution.relativeResidual * entry.solution.relativeResidual
    default: break
    }
    if measure == .rSquared || measure == .adjustedRSquared {
      return try share(measure, entry.solution, observation)
    }
    guard !isJoint || observations.count == 1 else {
      throw .argument(
        measure.rawValue, "\(observations.count) observations with one support",
        "one observation, or the criterion of a path")
    }
    if let criterion = measure.criterion {
      return try recovering { () throws(RecoveryError) in
        try criterion.value(of: entry.solution, for: try problem.observing(observation))
      }
    }
    guard let loaded else { throw .null("problem") }
    let (m, n) = (loaded.stated.rows, loaded.stated.columns)
    guard m == problem.rows, n == problem.columns else {
      throw .argument(
        "problem", "\(m) × \(n) numbers",
        "that of the results, \(problem.rows) × \(problem.columns)")
    }
    return try recovering { () throws(RecoveryError) in
      try fits.fit(entry.observation, try loaded.stated.observing(observation)).value(
        of: entry.solution)
    }
  }

  private func share(
    _ measure: Measure, _ solution: SparseSolution, _ observation: [Double]
  ) throws(CallError) -> Double {
    guard problem.model.fitsIntercept else {
      throw .argument(measure.rawValue, "no intercept", "one, which defines the variance")
    }
    let variance = ExplainedVariance(
      of: observation, residualNorm: solution.residualNorm, problem)
    guard let variance else {
      throw .argument(measure.rawValue, "an observation of equal numbers", "some variance")
    }
    guard measure == .adjustedRSquared else { return variance.rSquared }
    guard let adjusted = variance.adjusted(columns: solution.support.count) else {
      throw .argument(
        measure.rawValue, "\(variance.rows) rows and \(solution.support.count) columns", "more rows"
      )
    }
    return adjusted
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_results_measure(
  _ results: OpaquePointer?, _ place: Int64, _ name: UnsafePointer<CChar>?,
  _ problem: OpaquePointer?, _ value: UnsafeMutablePointer<Double>?
) -> Int32 {
  status { () throws(CallError) in
    guard let results else { throw .null("results") }
    guard let name else { throw .null("name") }
    guard let value else { throw .null("value") }
    let text = String(cString: name)
    guard let measure = Measure(rawValue: text) else {
      throw .argument(
        "measure", text.oneLine(limit: 80),
        "one of " + Measure.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let found = object(results, as: Results.self)
    value.pointee = try found.measure(
      measure, try found.index(place), problem.map { object($0) })
  }
}
