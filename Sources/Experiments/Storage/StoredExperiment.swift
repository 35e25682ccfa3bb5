extension ResultSet {
  /// The experiment that these are results of.
  ///
  /// - Throws: ``ExperimentError`` for results of another version of this program.
  package func experiment() throws(ExperimentError) -> any Experiment {
    guard header["schema"]?.int == Self.schema else {
      throw .invalidSetting(
        name: "schema", value: header["schema"]?.text ?? "nothing", expected: "\(Self.schema)")
    }
    switch header["experiment"]?.string {
    case PhaseTransition.name: return try PhaseTransition(header: header)
    case Deconvolution.name: return try Deconvolution(header: header)
    case Regression.name: return try Regression(header: header)
    case let other:
      let names = [PhaseTransition.name, Deconvolution.name, Regression.name]
      throw .invalidSetting(
        name: "experiment", value: other ?? "nothing", expected: names.joined(separator: ", "))
    }
  }
}

extension JSON {
  /// The value of a member that `convert` understands.
  ///
  /// - Throws: ``ExperimentError/invalidSetting(name:value:expected:)`` with the name of the member.
  func setting<Value>(
    _ name: String, _ convert: (JSON) -> Value?
  ) throws(ExperimentError) -> Value {
    guard let value = self[name].flatMap(convert) else {
      throw .invalidSetting(
        name: name, value: self[name]?.text ?? "nothing",
        expected: "a setting as this version writes it")
    }
    return value
  }

  /// The number of a member, nil where it is null.
  func optionalNumber(_ name: String) throws(ExperimentError) -> Double? {
    self[name] == .null ? nil : try setting(name, \.double)
  }

  /// The elements of a member that is an array of such values.
  func settings<Value>(
    _ name: String, _ convert: (JSON) -> Value?
  ) throws(ExperimentError) -> [Value] {
    try setting(name) { json in
      guard let values = json.array?.map(convert), values.allSatisfy({ $0 != nil }) else {
        return nil
      }
      return values.compactMap(\.self)
    }
  }

  /// The solvers of a header.
  func solvers() throws(ExperimentError) -> [NamedSolver] {
    var solvers: [NamedSolver] = []
    for solver in try settings("solvers", { $0 }) {
      solvers.append(try NamedSolver(header: solver))
    }
    return solvers
  }
}
