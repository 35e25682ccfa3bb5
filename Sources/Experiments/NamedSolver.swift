package import SparseRecovery

/// A solver as an experiment compares it with others.
package struct NamedSolver: Sendable {
  /// Its name in results and legends.
  package let name: String
  /// The solver with its options.
  package let solver: any Solver
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
}
