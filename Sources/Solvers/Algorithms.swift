/// A solver by its name, for those who let a user choose one.
public struct Algorithm: Sendable {
  /// The name of the solver.
  public let name: String
  /// One line for a person.
  public let summary: String
  /// Makes the solver, with its defaults and these limits.
  public let solver: @Sendable (Limits) -> any IterativeSolver

  /// The names of its options, with a line for each.
  public let options: [(name: String, help: String)]

  private init<S: IterativeSolver>(_ summary: String, _ solver: @escaping @Sendable (Limits) -> S) {
    name = S.name
    options = S.options.map { ($0.name, $0.help) }
    self.summary = summary
    self.solver = solver
  }

  /// The algorithm called `name`.
  public static func named(_ name: String) -> Algorithm? { all.first { $0.name == name } }

  /// The names of those that minimise any loss.
  public static var namesForAnyLoss: [String] {
    all.filter { $0.solver(Limits()).minimizesAnyLoss }.map(\.name)
  }

  /// Every solver of this package.
  public static let all: [Algorithm] = [
    Algorithm("explores supports by accumulated gradients") { SEA(limits: $0) },
    Algorithm("orthogonal matching pursuit: one atom after another") { OMP(limits: $0) },
    Algorithm("forward stepwise selection: adds the atom that lowers the loss most") {
      OLS(limits: $0)
    },
    Algorithm("exhaustive local search: makes the best of all swaps while one helps") {
      ELS(start: .solver(OMP(limits: $0)), limits: $0)
    },
    Algorithm("tabu search over exchanges of one atom: leaves local minima behind") {
      Tabu(limits: $0)
    },
    Algorithm("generalised OMP: several atoms a step") { GOMP(limits: $0) },
    Algorithm("OMP with replacement: exchanges an atom while that helps") { OMPR(limits: $0) },
    Algorithm("splicing: exchanges several atoms while that helps") { Splicing(limits: $0) },
    Algorithm("forward-backward greedy: adds atoms, deletes what they make superfluous") {
      FoBa(limits: $0)
    },
    Algorithm("backward elimination: from all columns, takes out one after another") {
      Backward(limits: $0)
    },
    Algorithm("compressive sampling matching pursuit: merges 2k atoms, keeps k") {
      CoSaMP(limits: $0)
    },
    Algorithm("subspace pursuit: merges k atoms, keeps k, while that helps") { SP(limits: $0) },
    Algorithm("iterative hard thresholding") { IHT(limits: $0) },
    Algorithm("normalised IHT: a step size for every iteration") { NIHT(limits: $0) },
    Algorithm("accelerated IHT: conjugate gradients after every step") { AIHT(limits: $0) },
    Algorithm("hard thresholding pursuit: least squares after every step") { HTP(limits: $0) },
    Algorithm("normalised HTP: a step size for every iteration") { NHTP(limits: $0) },
    Algorithm("fast HTP: a few gradient steps instead of least squares") { FHTP(limits: $0) },
    Algorithm("approximate message passing: Bayesian estimates, for incoherent columns") {
      AMP(limits: $0)
    },
    Algorithm("vector AMP from many starts, for up to 2048 rows") { VAMP(limits: $0) },
    Algorithm("every support there is, where they are few, under any loss") {
      Exhaustive(limits: $0)
    },
    Algorithm("branch and bound: the best support, with proof, for up to 2048 columns") {
      BranchAndBound(start: Portfolio(effort: .quick, limits: $0), limits: $0)
    },
  ]
}
