package import Charts
package import SparseRecovery

/// Problems in cells, many in each, given to several solvers.
package protocol Experiment: Sendable {
  /// What solutions of a problem are judged by.
  associatedtype Truth: Sendable

  /// The name of the experiment.
  static var name: String { get }
  /// The heading of its page.
  static var title: String { get }

  /// The experiment that a file of results begins with.
  ///
  /// - Throws: ``ExperimentError/invalidSetting(name:value:expected:)`` for a setting that is missing
  ///   or that this version does not know.
  init(header: JSON) throws(ExperimentError)

  /// Everything that decides the results, but for the solvers: one object.
  var settings: JSON { get }
  /// The settings for a reader.
  var described: [Report.Setting] { get }
  /// Who is compared; names are distinct.
  var solvers: [NamedSolver] { get }
  /// The seed that those of all problems are derived from.
  var seed: UInt64 { get }
  /// The number of problems of a cell.
  var trials: Int { get }
  /// The number of cells.
  var cellCount: Int { get }

  /// Whether cell number `cell` has problems at all.
  func isPossible(_ cell: Int) -> Bool

  /// The seed of one problem: it depends on the master seed, the cell and the trial alone.
  func problemSeed(cell: Int, trial: Int) -> UInt64

  /// States one problem.
  func pose(cell: Int, trial: Int) throws(RecoveryError) -> PosedProblem<Truth>

  /// What is recorded of a solution. The same solution must give the same members.
  func measurements(of solution: SparseSolution, for truth: Truth) -> [JSON.Member]

  /// Whether the settings make sense.
  ///
  /// - Throws: ``ExperimentError/invalidSetting(name:value:expected:)``.
  func validate() throws(ExperimentError)

  /// Draws the charts of `results` and writes the tables.
  ///
  /// - Throws: ``ChartError``, or ``RecoveryError`` where a problem is solved again to be shown.
  func addPictures(of results: ResultSet, to album: inout Album) throws
}

/// A problem as it is given to every solver.
package struct PosedProblem<Truth: Sendable>: Sendable {
  let problem: RecoveryProblem
  let sparsity: Int
  /// What solutions are judged by.
  let truth: Truth
}

extension Experiment {
  package func problemSeed(cell: Int, trial: Int) -> UInt64 {
    SeededGenerator.derivedSeed(seed, cell, trial)
  }

  /// The number of problems of all cells that have any.
  package var problemCount: Int { possibleCells.count * trials }

  /// The cells that have problems.
  var possibleCells: [Int] { (0..<cellCount).filter(isPossible) }

  /// The first line of a file of results.
  package func header(backend: String, precision: Precision) -> JSON {
    [
      "schema": JSON(ResultSet.schema), "experiment": .string(Self.name),
      "backend": .string(backend), "precision": .string(precision.rawValue),
      "seed": JSON(seed), "trials": JSON(trials), "settings": settings,
      "solvers": .array(solvers.map(\.header)),
    ]
  }

  /// The checks that every experiment needs.
  func validateSolversAndTrials() throws(ExperimentError) {
    // So that no number of cells overflows their product.
    guard (1...1 << 32).contains(trials) else {
      throw .invalidSetting(
        name: "trials", value: "\(trials)", expected: "from 1 to \(1 << 32) problems a cell")
    }
    guard !solvers.isEmpty, Set(solvers.map(\.name)).count == solvers.count else {
      throw .invalidSetting(
        name: "solvers", value: solvers.map(\.name).joined(separator: ", "),
        expected: "at least one, of different names")
    }
  }
}

/// An experiment on random problems with known truth.
package protocol SyntheticExperiment: Experiment where Truth == SyntheticProblem {
  /// What a problem of cell number `cell` is drawn from.
  func parameters(cell: Int, seed: UInt64) -> SyntheticParameters
}

extension SyntheticExperiment {
  package func pose(
    cell: Int, trial: Int
  ) throws(RecoveryError) -> PosedProblem<SyntheticProblem> {
    let parameters = parameters(cell: cell, seed: problemSeed(cell: cell, trial: trial))
    let synthetic = try SyntheticProblem(parameters)
    return PosedProblem(
      problem: try RecoveryProblem(
        matrix: .double(synthetic.matrix), observation: synthetic.observation),
      sparsity: parameters.sparsity, truth: synthetic)
  }
}

extension Experiment {
  /// Draws the results at `path` into `folder`: charts, and a page with them and with tables.
  ///
  /// - Parameters:
  ///   - command: what a reader types to get the same page.
  ///   - gnuplot: nil writes scripts instead of pictures.
  ///   - formats: what pictures are written as; nil writes the page alone, with drawings in text.
  ///   - replacing: whether files that exist are replaced; else they are an error.
  /// - Throws: ``ExperimentError`` for results of other settings, ``FileError``, ``RecoveryError``
  ///   or ``ChartError``.
  package func draw(
    resultsAt path: String, into folder: String, command: String,
    with gnuplot: Gnuplot? = Gnuplot(), formats: [PictureFormat]? = PictureFormat.allCases,
    replacing: Bool = true
  ) throws -> Drawing {
    let results = try ResultSet.read(path)
    let precision = results.header["precision"]?.string.flatMap(Precision.init(rawValue:))
    let expected = header(
      backend: results.header["backend"]?.string ?? "", precision: precision ?? .double)
    if let difference = results.header.difference(from: expected) {
      throw ExperimentError.differentSettings(path: path, difference: difference)
    }
    var album = Album(
      folder: folder,
      report: Report(title: Self.title, settings: reportSettings(results), command: command),
      gnuplot: gnuplot, formats: formats, replacing: replacing)
    try addPictures(of: results, to: &album)
    return try Drawing(album)
  }

  /// What the page says about the run.
  private func reportSettings(_ results: ResultSet) -> [Report.Setting] {
    let common = [
      ("problems a cell", "\(trials)"),
      ("problems solved", "\(results.problems.count) of \(problemCount)"),
      ("cells without problems", "\(cellCount - possibleCells.count)"), ("seed", "\(seed)"),
    ]
    let machine = ["backend", "precision"].map { ($0, results.header[$0]?.string ?? "") }
    return described + common + machine + solvers.map { ($0.name, $0.described) }
  }
}

extension SparseSolution {
  /// What every experiment keeps of a solution, whatever its truth.
  var commonMeasurements: [JSON.Member] {
    [
      JSON.Member("relativeResidual", JSON(relativeResidual)),
      JSON.Member("loss", JSON(loss)),
      JSON.Member("iterations", JSON(iterations)),
      JSON.Member("passes", JSON(matrixPasses)),
    ]
  }
}

/// Whether every element is smaller than the next.
func isAscending(_ values: [some Comparable]) -> Bool {
  zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
}
