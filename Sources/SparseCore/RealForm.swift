// A complex problem is solved as a real one, of twice as many rows and columns: the ways there and back.

/// What is selected of a complex matrix whose real form a model is for.
package enum ComplexSelection: Sendable {
  /// Its columns.
  case columns
  /// Groups of its columns.
  case groups
}

extension RecoveryModel {
  /// This model of a complex matrix as that of its real form, a ``ComplexMatrix``: columns 2j and 2j + 1 stand for column j,
  /// and are selected together. A row's weight is that of both its parts.
  ///
  /// Residuals, ridge and losses are the same. An information criterion counts the parts: a complex row as two, and a
  /// complex coefficient as two.
  ///
  /// - Parameters:
  ///   - rows: m, of the complex matrix.
  ///   - columns: n, of the complex matrix.
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for what complex numbers do not have: signs, an
  ///   intercept, which would be real, and standard deviations about it; and what an inconsistent model does.
  public func realForm(rows: Int, columns: Int) throws(RecoveryError) -> RecoveryModel {
    guard selection == nil else {
      throw .invalidOption(
        name: "model", value: "one of a real form", expected: "one of the complex matrix")
    }
    for (name, isOn) in [
      ("nonnegative", isNonnegative), ("intercept", hasIntercept), ("standardize", isStandardized),
    ] where isOn {
      throw .invalidOption(name: name, value: "on", expected: "off for complex columns")
    }
    try validate(rows: rows, columns: columns)
    func parts(_ columns: Set<Int>) -> Set<Int> { Set(columns.flatMap { [2 * $0, 2 * $0 + 1] }) }
    var form = self
    form.weights = weights?.doubled
    form.included = parts(included)
    form.excluded = parts(excluded)
    form.columnGroups = (columnGroups ?? Array(0..<columns)).doubled
    form.selection = columnGroups == nil ? .columns : .groups
    return form
  }

  /// Whether this is the model of the real form of a complex matrix.
  public var isOfRealForm: Bool { selection != nil }

  /// Whether the caller selects groups of columns, and not columns, of which complex ones are two.
  package var selectsGroups: Bool {
    selection.map { $0 == .groups } ?? (columnGroups != nil)
  }
}

extension RecoveryProblem {
  /// States the problem of a complex matrix and a complex observation: minimise ½‖C x − y‖₂² over complex x with at most
  /// k nonzeros. It is solved as every problem is; ``complexForm(of:)`` turns a solution back.
  ///
  ///     let problem = try RecoveryProblem(complex: ComplexMatrix(parts: parts), observation: y)
  ///     let solution = problem.complexForm(of: try Portfolio().solve(problem, sparsity: 5, on: CPUBackend()))
  ///
  /// - Parameters:
  ///   - observation: the parts of y, interleaved: 2m numbers.
  ///   - model: that of the complex matrix: m weights, complex columns in or out, a group for each of them.
  /// - Throws: what ``init(_:observation:normalize:model:loss:)`` and ``RecoveryModel/realForm(rows:columns:)`` throw.
  public convenience init(
    complex matrix: ComplexMatrix, observation: [Double], normalize: Bool = true,
    model: RecoveryModel = RecoveryModel()
  ) throws(RecoveryError) {
    try self.init(
      matrix, observation: observation, normalize: normalize,
      model: try model.realForm(rows: matrix.rows / 2, columns: matrix.columns / 2))
  }

  /// A solution of the real form of a complex problem in terms of complex columns, with
  /// ``SparseSolution/imaginaryParts``; of a real problem the solution as it is.
  public func complexForm(of solution: SparseSolution) -> SparseSolution {
    guard model.isOfRealForm else { return solution }
    var form = solution
    form.support = complexColumns(solution.support)
    let parts = zip(solution.support, solution.coefficients)
    let values = Dictionary(uniqueKeysWithValues: parts.map { ($0, $1) })
    // Of a column that is almost explained by those included, rounding may leave one part only.
    form.coefficients = form.support.map { values[2 * $0] ?? 0 }
    form.imaginaryParts = form.support.map { values[2 * $0 + 1] ?? 0 }
    form.warnings = solution.warnings.map { warning in
      switch warning {
      case .zeroColumns(let columns): .zeroColumns(complexColumns(columns))
      case .explainedColumns(let columns): .explainedColumns(complexColumns(columns))
      case .dependentColumns(let rank, _):
        .dependentColumns(rank: (rank + 1) / 2, sparsity: form.support.count)
      default: warning
      }
    }
    return form
  }

  /// The complex columns that columns of the real form belong to, in ascending order; of a real problem the columns.
  package func complexColumns(_ columns: [Int]) -> [Int] {
    guard model.isOfRealForm else { return columns }
    return columns.map { $0 / 2 }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// The number of rows, or of complex ones.
  package var givenRows: Int { model.isOfRealForm ? rows / 2 : rows }

  /// The number of columns, or of complex ones.
  package var givenColumns: Int { model.isOfRealForm ? columns / 2 : columns }
}

extension RecoveryError {
  /// The same error about the rows and columns of a complex matrix, where it is about those of its real form.
  package var ofComplexMatrix: RecoveryError {
    switch self {
    case .nonFiniteMatrix(let row, let column, let value):
      .nonFiniteMatrix(row: row / 2, column: column / 2, value: value)
    case .columnNormOverflow(let column): .columnNormOverflow(column: column / 2)
    case .nonFiniteObservation(let index, let value):
      .nonFiniteObservation(index: index / 2, value: value)
    case .observationLength(let expected, let found):
      .observationLength(expected: expected / 2, found: found / 2)
    case .startLength(let expected, let found):
      .startLength(expected: expected / 2, found: found / 2)
    case .nonFiniteStart(let index, let value): .nonFiniteStart(index: index / 2, value: value)
    case .startOverflow(let index): .startOverflow(index: index / 2)
    case .noUsableColumn(let columns, let zero, let explained, let excluded):
      .noUsableColumn(
        columns: columns / 2, zero: zero / 2, explained: explained / 2, excluded: excluded / 2)
    case .penaltyOverflow(let column, let ridge):
      .penaltyOverflow(column: column / 2, ridge: ridge)
    case .sparsityOutOfRange(let sparsity, let columns):
      .sparsityOutOfRange(sparsity: sparsity, columns: columns / 2)
    case .resultOverflow(.coefficient(let column)):
      .resultOverflow(.coefficient(column: column / 2))
    case .nonFiniteCorrelation(let engine, let column):
      .nonFiniteCorrelation(engine: engine, column: column / 2)
    default: self
    }
  }
}

extension Array {
  /// Every element twice.
  fileprivate var doubled: [Element] { flatMap { [$0, $0] } }
}
