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
    var form = self
    form.weights = weights?.doubled
    form.included = Set(included.bothParts)
    form.excluded = Set(excluded.bothParts)
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
    form.support = givenColumns(solution.support)
    let parts = zip(solution.support, solution.coefficients)
    let values = Dictionary(uniqueKeysWithValues: parts.map { ($0, $1) })
    // Of a column that is almost explained by those included, rounding may leave one part only.
    form.coefficients = form.support.map { values[2 * $0] ?? 0 }
    form.imaginaryParts = form.support.map { values[2 * $0 + 1] ?? 0 }
    form.warnings = solution.warnings.map { warning in
      switch warning {
      case .zeroColumns(let columns): .zeroColumns(givenColumns(columns))
      case .explainedColumns(let columns): .explainedColumns(givenColumns(columns))
      case .dependentColumns(let rank, _):
        .dependentColumns(rank: (rank + 1) / 2, sparsity: form.support.count)
      default: warning
      }
    }
    return form
  }

  /// The columns as given that some are: of a real form the complex ones that they belong to. In ascending order.
  package func givenColumns(_ columns: [Int]) -> [Int] {
    guard model.isOfRealForm else { return columns }
    return columns.map { $0 / 2 }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// How many numbers there are in a row, and in an entry: 2 where they are complex.
  package var partsOfNumber: Int { model.isOfRealForm ? 2 : 1 }
  /// The number of rows as given: of complex ones in a real form.
  package var givenRows: Int { rows / partsOfNumber }
  /// The number of columns as given: of complex ones in a real form.
  package var givenColumns: Int { columns / partsOfNumber }
  /// The rows as given that take part, in ascending order.
  package var givenPresentRows: [Int] {
    let weights = model.weights
    return (0..<givenRows).filter { weights?[$0 * partsOfNumber] != 0 }
  }

  /// The rows, or columns, that some as given are: both parts of complex ones.
  package func parts(of given: [Int]) -> [Int] {
    model.isOfRealForm ? given.bothParts : given
  }

  /// A vector of coefficients of this problem: of a complex one that was given by its real parts alone, with imaginary parts
  /// of zero; any other as it is.
  package func coefficients(of given: [Double]) -> [Double] {
    guard model.isOfRealForm, given.count == givenColumns else { return given }
    return given.flatMap { [$0, 0] }
  }

  /// The columns of a solution of this problem, in its real form or in terms of complex columns.
  package func columns(of solution: SparseSolution) -> [Int] {
    solution.imaginaryParts == nil ? solution.support : parts(of: solution.support)
  }
}

extension SparseMatrix {
  /// The real form of a complex sparse matrix by columns, four nonzeros for each: 2m × 2n.
  ///
  /// - Parameters:
  ///   - rows: m, of the complex matrix.
  ///   - columns: n, of the complex matrix.
  ///   - parts: the real and the imaginary part of every entry in turns.
  /// - Throws: what ``init(rows:columns:starts:rowIndices:values:)`` throws.
  public init(
    complexRows rows: Int, columns: Int, starts: [Int], rowIndices: [Int], parts: [Double]
  ) throws(RecoveryError) {
    guard parts.count == 2 * rowIndices.count, starts.count == columns + 1 else {
      throw .malformedSparseMatrix(
        expected: "\(columns + 1) starts, and two parts for each of \(rowIndices.count) entries",
        found: "\(starts.count) and \(parts.count)")
    }
    guard rows <= Int32.max / 2, columns <= Int32.max / 2 else {
      throw .matrixTooLarge(rows: rows, columns: columns)
    }
    try Self.check(starts, rowIndices, rows: rows)
    var form: (starts: [Int], rows: [Int], values: [Double]) = ([0], [], [])
    form.rows.reserveCapacity(4 * rowIndices.count)
    form.values.reserveCapacity(4 * rowIndices.count)
    for j in 0..<2 * columns {
      for e in starts[j / 2]..<starts[j / 2 + 1] {
        let (re, im) = (parts[2 * e], parts[2 * e + 1])
        form.rows.append(2 * rowIndices[e])
        form.values.append(j.isMultiple(of: 2) ? re : -im)
        form.rows.append(2 * rowIndices[e] + 1)
        form.values.append(j.isMultiple(of: 2) ? im : re)
      }
      form.starts.append(form.values.count)
    }
    try self.init(
      rows: 2 * rows, columns: 2 * columns, starts: form.starts, rowIndices: form.rows,
      values: form.values)
  }
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

extension Sequence<Int> {
  /// The places in a real form of both parts of complex rows, or columns.
  fileprivate var bothParts: [Int] { flatMap { [2 * $0, 2 * $0 + 1] } }
}

extension Array {
  /// Every element twice.
  fileprivate var doubled: [Element] { flatMap { [$0, $0] } }
}
