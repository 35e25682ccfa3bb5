package import SparseRecovery

/// A solver as an experiment compares it with others.
package struct NamedSolver: Sendable {
  /// Its name in results and legends.
  package let name: String
  /// The solver with its options.
  package let solver: any Solver
  /// The name of the algorithm.
  var solverName: String { type(of: solver).name }
  /// Its options as text, so that results of other options are not mixed with these.
  package let configuration: String
  /// What it does, for a reader.
  package let described: String
  /// The limit it was named with, from which with the name it can be made again; nil for a solver
  /// that was made by hand.
  let iterations: Int?

  /// Names a solver.
  ///
  /// - Parameter configuration: nil for the values of all stored properties of the solver.
  package init(_ name: String, _ solver: any Solver, configuration: String? = nil) {
    self.init(name, solver, configuration, described: "\(type(of: solver).name)", iterations: nil)
  }

  init(
    _ name: String, _ solver: any Solver, _ configuration: String?, described: String,
    iterations: Int?
  ) {
    self.name = name
    self.solver = solver
    self.configuration = configuration ?? String(reflecting: solver)
    self.described = described
    self.iterations = iterations
  }

  /// The solver in the first line of a file of results.
  var header: JSON {
    var members = [JSON.Member("name", .string(name))]
    if let iterations { members.append(JSON.Member("iterations", JSON(iterations))) }
    members.append(JSON.Member("configuration", .string(configuration)))
    return .object(members)
  }

  /// Makes a solver of its name, such as `omp`, or of its name and where it starts: `sea:omp`.
  /// `portfolio` is what `sea solve` does by default, in one thread.
  ///
  /// - Parameter iterations: the most supports that it, and what it starts from, may evaluate each.
  /// - Throws: ``ExperimentError/invalidSetting(name:value:expected:)`` for an unknown name, or a
  ///   solver that starts from no other.
  package init(specification: String, iterations: Int) throws(ExperimentError) {
    var limits = Limits()
    limits.iterations = iterations
    let parts = specification.split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false
    ).map(String.init)
    if specification == Portfolio.name {
      self.init(
        specification, Portfolio(limits: limits, threads: 1), nil,
        described: "cheap solvers, then rounds of search; at most \(iterations) iterations each",
        iterations: iterations)
      return
    }
    let algorithm = try Self.algorithm(parts[0])
    var solver = algorithm.solver(limits)
    var described = algorithm.summary
    if parts.count == 2 {
      do throws(RecoveryError) {
        try solver.set("start", to: parts[1])
      } catch {
        throw .invalidSetting(
          name: "solvers", value: "'\(specification)'",
          expected: "a start that \(algorithm.name) has")
      }
      described += "; starts from \(parts[1])"
    }
    self.init(
      specification, solver, nil, described: "\(described); at most \(iterations) iterations",
      iterations: iterations)
  }

  /// Makes the solvers of a list with commas.
  ///
  /// - Throws: what ``init(specification:iterations:)`` throws.
  package static func list(
    _ text: String, iterations: Int
  ) throws(ExperimentError) -> [NamedSolver] {
    var solvers: [NamedSolver] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      solvers.append(try NamedSolver(specification: String(name), iterations: iterations))
    }
    return solvers
  }

  /// The solvers that a file of results names.
  init(header: JSON) throws(ExperimentError) {
    self = try NamedSolver(
      specification: header.setting("name", \.string),
      iterations: header.setting("iterations", \.int))
  }

  private static func algorithm(_ name: String) throws(ExperimentError) -> Algorithm {
    guard let algorithm = Algorithm.named(name) else {
      let names = ([Portfolio.name] + Algorithm.all.map(\.name)).joined(separator: ", ")
      throw .invalidSetting(name: "solvers", value: "'\(name)'", expected: "names out of \(names)")
    }
    return algorithm
  }
}
