import Arguments
import Experiments
import SparseRecovery

extension ExperimentCommand {
  private var isQuick: Bool { arguments.flag("quick") }

  private var seed: UInt64 { arguments.natural("seed") }

  func phaseTransition() throws -> PhaseTransition {
    let ours = "portfolio,tabu,sea,sea:omp,els,omp,htp,sp,cosamp"
    var experiment = PhaseTransition(
      solvers: try solvers(isQuick ? "tabu,sea,omp,cosamp" : ours))
    experiment.columns = arguments.int(ifGiven: "columns") ?? (isQuick ? 32 : 64)
    let grid = arguments.int(ifGiven: "grid") ?? (isQuick ? 8 : 16)
    // Coarser than the columns, or some rows would repeat.
    let steps = min(grid, experiment.columns)
    experiment.rows = try list("rows") ?? (1...steps).map { $0 * experiment.columns / steps }
    experiment.ratios = try ratios() ?? (1...grid).map { Double($0) / Double(grid) }
    experiment.family = try family()
    experiment.coefficients = arguments.choice(ifGiven: "coefficients") ?? .uniform
    experiment.snr = arguments.number(ifGiven: "snr")
    experiment.trials = arguments.int(ifGiven: "trials") ?? (isQuick ? 10 : 100)
    experiment.seed = seed
    experiment.success = arguments.choice(ifGiven: "success") ?? .exactSupport
    return experiment
  }

  func deconvolution() throws -> Deconvolution {
    let ours = "portfolio,tabu,sea,sea:omp,els,omp,ols,ompr,htp,aiht"
    var experiment = Deconvolution(solvers: try solvers(isQuick ? "tabu,sea,omp,htp" : ours))
    experiment.size = arguments.int(ifGiven: "size") ?? (isQuick ? 200 : 500)
    experiment.width = arguments.number(ifGiven: "width") ?? 3
    experiment.kernel = arguments.choice(ifGiven: "kernel") ?? .gaussian
    experiment.boundary = arguments.choice(ifGiven: "boundary") ?? .circulant
    experiment.sparsities =
      try list("sparsities") ?? (isQuick ? [2, 5, 10, 20] : experiment.sparsities)
    experiment.coefficients = arguments.choice(ifGiven: "coefficients") ?? .uniform
    experiment.snr = arguments.number(ifGiven: "snr")
    experiment.trials = arguments.int(ifGiven: "trials") ?? (isQuick ? 10 : 200)
    experiment.seed = seed
    return experiment
  }

  func regression() throws -> Regression {
    let ours = "portfolio,tabu,sea,sea:els,els,ols,omp,foba,splicing"
    let (data, name) = try regressionData()
    var experiment = try Regression(
      data, named: name, degree: arguments.int(ifGiven: "degree") ?? 1,
      solvers: try solvers(isQuick ? "portfolio,tabu,sea,ols,omp" : ours))
    if isQuick { experiment.sparsities = Array(experiment.sparsities.prefix(8)) }
    experiment.sparsities = try list("sparsities") ?? experiment.sparsities
    experiment.hasIntercept = arguments.flag("intercept")
    experiment.trials = arguments.int(ifGiven: "trials") ?? (isQuick ? 5 : 20)
    if let folds = arguments.int(ifGiven: "folds") {
      guard !arguments.isGiven("held-out") else {
        throw RecoveryError.invalidOption(
          name: "--held-out", value: "a share", expected: "none together with --folds")
      }
      experiment.holdOut = .folds(folds)
      experiment.trials = arguments.int(ifGiven: "trials") ?? folds
    } else {
      experiment.holdOut = .share(arguments.number(ifGiven: "held-out") ?? 0.2)
    }
    experiment.seed = seed
    return experiment
  }

  private func regressionData() throws -> (RegressionData, name: String) {
    // With the folder, since many tables are called alike.
    func name(_ path: String) -> String {
      path.split(separator: "/").suffix(2).joined(separator: "/")
    }
    switch (arguments.text(ifGiven: "data"), arguments.text(ifGiven: "matrix")) {
    case (let path?, nil):
      guard !arguments.isGiven("observation") else { break }
      return (try blaming(path) { try tableData(path) }, name(path))
    case (nil, let path?):
      guard let target = arguments.text(ifGiven: "observation"), !arguments.isGiven("target"),
        !arguments.isGiven("drop")
      else { break }
      let features = try inputs.matrix(path)
      let observation = try inputs.vector(target)
      let data = try blaming(path) {
        try RegressionData(features: features, target: observation)
      }
      return (data, name(path))
    default: break
    }
    throw UsageError.missingOption(
      option: "--data", expected: "a table, or else --matrix and --observation")
  }

  /// Features and target of one table.
  private func tableData(_ path: String) throws -> RegressionData {
    guard arguments.isGiven("drop") else {
      let (table, columns) = try inputs.namedMatrix(path)
      return try RegressionData(table: table, target: try columns.index(arguments, "target"))
    }
    // Columns that are not looked at may hold text.
    let file = try inputs.table(path)
    let dropped = Set(try file.columns.indices(arguments, "drop"))
    let last = (0..<file.columns.count).last { !dropped.contains($0) }
    let target = try file.columns.index(arguments, "target") ?? last
    guard let target, !dropped.contains(target) else {
      throw RecoveryError.invalidOption(
        name: "--drop", value: arguments.text("drop").oneLine(),
        expected: "columns beside the target")
    }
    var roles = DataTable.Roles(target: target)
    roles.dropped = dropped
    roles.advice = TableAdvice(arguments, of: file, target: target)
    let table = try DataTable(file, roles)
    inputs.note(table.notices)
    return try RegressionData(features: table.matrix, target: table.target)
  }

  private func blaming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as RecoveryError where error.kind == .data {
      throw BlamedError(path: path, error: error)
    }
  }

  private func family() throws -> PhaseTransition.Family {
    let ensemble = arguments.choice(ifGiven: "ensemble") ?? Ensemble.gaussian
    guard ensemble == .toeplitz || !arguments.isGiven("rho") else {
      throw RecoveryError.invalidOption(
        name: "--rho", value: "a value", expected: "none but with --ensemble toeplitz")
    }
    return switch ensemble {
    case .gaussian: .gaussian
    case .bernoulli: .bernoulli
    case .uniform: .uniform
    case .dct: .dct
    case .toeplitz: .toeplitz(correlation: arguments.number(ifGiven: "rho") ?? 0.5)
    }
  }

  private func solvers(_ usual: String) throws -> [NamedSolver] {
    try NamedSolver.list(
      arguments.text(ifGiven: "solvers") ?? usual,
      iterations: arguments.int(ifGiven: "iterations") ?? (isQuick ? 200 : 1000))
  }

  // MARK: Lists

  /// Numbers with commas, where `from:to:step` stands for several.
  private func list(_ name: String) throws(UsageError) -> [Int]? {
    guard let text = arguments.text(ifGiven: name) else { return nil }
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      let known = ends.compactMap(\.self)
      switch known.count {
      case _ where known.count != ends.count || known.contains { !(1...1 << 24 ~= $0) }:
        throw unreadable(name, text)
      case 1: numbers.append(known[0])
      case 2 where known[0] <= known[1]: numbers += known[0]...known[1]
      case 3 where known[0] <= known[1]:
        numbers += stride(from: known[0], through: known[1], by: known[2])
      default: throw unreadable(name, text)
      }
    }
    return numbers
  }

  private func ratios() throws(UsageError) -> [Double]? {
    guard let text = arguments.text(ifGiven: "ratios") else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    let numbers = parts.compactMap(\.self)
    guard numbers.count == parts.count else {
      throw .invalidValue(
        name: "--ratios", found: text, expected: "numbers such as 0.1,0.2,0.3", suggestion: nil)
    }
    return numbers
  }

  private func unreadable(_ name: String, _ text: String) -> UsageError {
    .invalidValue(
      name: "--\(name)", found: text, expected: "numbers from 1 such as 1,5:50:5", suggestion: nil)
  }
}
