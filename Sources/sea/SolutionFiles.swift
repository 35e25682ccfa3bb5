import Arguments
import SparseRecovery

/// The files that a solution goes to: coefficients, what they make of A, what is left of y, and a model.
struct SolutionFiles {
  /// The options that name them.
  static let options = [
    Option(
      "output", letter: "o", .file,
      help: "Write the coefficients of all columns to this file",
      details: """
        Its ending says how: .npy, .mtx or .mat, a number a column; .csv or .tsv, the same, with names and the intercept \
        where there are any; .npz, with support and intercept; .json, the result as --json has it.
        """),
    Option(
      "fitted", .file,
      help:
        "Write Ax and the intercept, a number a row, to this .npy, .csv, .tsv, .mtx or .mat file",
      details: "With --loss logistic the probability of 1, with poisson the mean."),
    Option(
      "residuals", .file,
      help:
        "Write y less what is fitted, a number a row, to this .npy, .csv, .tsv, .mtx or .mat file"),
    FittedModel.option,
    ResultPage.option,
  ]

  private let arguments: ParsedArguments
  private let files: OutputFiles

  init(_ arguments: ParsedArguments, _ files: OutputFiles) {
    self.arguments = arguments
    self.files = files
  }

  /// Before any work, as ``OutputFiles/check(_:of:)``.
  ///
  /// - Parameter others: options that name further files.
  func check(and others: [String]) throws(FileError) {
    try files.check(
      ["output", "fitted", "residuals", "model-output", "report"] + others, of: arguments)
  }

  /// What writes the files that are wanted, for ``OutputFiles/writeAll(_:)``.
  ///
  /// - Parameters:
  ///   - solutions: one for every observation.
  ///   - model: what `--model-output` keeps.
  ///   - page: what `--report` shows.
  ///   - report: what `--json` writes.
  func places(
    of solutions: [SparseSolution], _ input: SolveInput, model: @escaping () -> FittedModel?,
    page: @escaping () throws -> ResultPage?, report: some Encodable
  ) -> [() throws -> Void] {
    let replacing = files.areReplaced
    func fitted() -> [[Double]] {
      solutions.map { $0.prediction(for: input.problem).map(input.problem.loss.mean(at:)) }
    }
    func write(_ columns: [[Double]], to path: String) throws(FileError) {
      if input.problem.model.isOfRealForm {
        try MatrixFile.write(complexColumns: columns, to: path, replacing: replacing)
      } else {
        try MatrixFile.write(columns: columns, to: path, replacing: replacing)
      }
    }
    return [
      {
        guard let path = arguments.text(ifGiven: "output") else { return }
        try CoefficientFile.write(
          solutions, of: input.columns, report: report, to: path, replacing: replacing)
      },
      {
        guard let path = arguments.text(ifGiven: "fitted") else { return }
        try write(fitted(), to: path)
      },
      {
        guard let path = arguments.text(ifGiven: "residuals") else { return }
        let residuals = zip(input.observations, fitted()).map { y, fitted in
          zip(y, fitted).map { $0 - $1 }
        }
        try write(residuals, to: path)
      },
      {
        guard let path = arguments.text(ifGiven: "model-output"), let model = model() else {
          return
        }
        try JSONFile.write(model, to: path, replacing: replacing)
      },
      {
        guard let path = arguments.text(ifGiven: "report") else { return }
        try page()?.write(to: path, replacing: replacing)
      },
    ]
  }
}

extension SparseSolution {
  /// A x and the intercept in every row, rows of weight zero included; of a complex A both parts of each. m · k flops.
  func prediction(for problem: RecoveryProblem) -> [Double] {
    var fitted = [Double](repeating: intercept ?? 0, count: problem.rows)
    let values = zip(coefficients, imaginaryParts ?? []).flatMap { [$0, $1] }
    for (j, coefficient) in zip(
      problem.columns(of: self), imaginaryParts == nil ? coefficients : values)
    {
      let column = problem.givenColumn(j)
      for i in fitted.indices { fitted[i] += coefficient * column[i] }
    }
    return fitted
  }
}

extension RecoveryProblem {
  /// Column `j` of A as given. The matrices that files hold, dense and sparse, always answer.
  func givenColumn(_ j: Int) -> [Double] {
    (try? atoms.operator.column(j)) ?? Array(repeating: .nan, count: rows)
  }
}
