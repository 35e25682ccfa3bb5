import ForeignFiles
import Glibc
import SparseRecovery
import TestSupport

/// The numbers of a row: what counts, and around it rows of weight zero that must not.
struct Table: Sendable {
  /// The columns of A, on the rows that count.
  let columns: [[Double]]
  /// One or more observations, on the rows that count.
  let observations: [[Double]]
  /// The weights of the rows that count, or nil for ones.
  let weights: [Double]?
  /// What stands in rows of weight zero, or nil where there are none.
  let fill: Double?
  /// How many numbers here are one as given: 2 in the real form of a complex table.
  let parts: Int

  /// The rows that count.
  var rows: Int { observations[0].count }

  private init(
    columns: [[Double]], observations: [[Double]], weights: [Double]?, fill: Double?, parts: Int
  ) {
    self.parts = parts
    self.columns = columns
    self.observations = observations
    self.weights = weights
    self.fill = fill
  }

  /// Draws the numbers that a row asks for.
  init(_ row: Row) {
    var generator = SeededGenerator(seed: row.seed)
    let columns = Self.columns(row[Kind.self], &generator)
    let rows = columns[0].count
    // One support for all where the row is joint, else one each.
    let count = row[Observations.self] == .one ? 1 : 3
    let size = min(3, columns.count)
    let common = generator.sample(size, of: columns.count)
    let isComplex = row[Entries.self] == .complex
    parts = isComplex ? 2 : 1
    observations = (0..<count).map { _ in
      let support =
        row[Observations.self] == .joint ? common : generator.sample(size, of: columns.count)
      var y = (0..<rows).map { _ in 2 + 0.3 * generator.normal() }
      for j in support {
        let sign = row[Signs.self] == .nonnegative ? 1 : generator.sign()
        let x = sign * (1 + generator.uniform())
        let largest = columns[j].reduce(1e-3) { max($0, abs($1)) }
        for i in y.indices { y[i] += 2 * x * columns[j][i] / largest }
      }
      let observed = row[Minimised.self].observation(y)
      return isComplex ? Self.parts(observed) : observed
    }
    let weights = row[Weights.self].drawn(rows, &generator)
    self.weights = isComplex ? weights?.flatMap { [$0, $0] } : weights
    fill = row[Weights.self].fill
    self.columns = isComplex ? Self.realForm(columns) : columns
  }

  /// The parts of complex numbers, whose imaginary parts are the real ones of the next row.
  private static func parts(_ v: [Double]) -> [Double] {
    v.indices.flatMap { [v[$0], v[($0 + 1) % v.count]] }
  }

  /// Two columns for each of complex ones: itself, and i times it.
  private static func realForm(_ columns: [[Double]]) -> [[Double]] {
    columns.map(parts).flatMap { column in
      [column, column.indices.map { $0 % 2 == 0 ? -column[$0 + 1] : column[$0 - 1] }]
    }
  }

  /// Draws the numbers of a plain row with these weights, of one observation or of several with one support.
  init(weights: Weights, jointly isJoint: Bool = false) {
    var numbers = Row.factors.map { _ in 0 }
    if isJoint {
      numbers[Row.place(of: Observations.self)] = Observations.allCases.firstIndex(of: .joint) ?? 0
    }
    numbers[Row.place(of: Weights.self)] = Weights.allCases.firstIndex(of: weights) ?? 0
    self.init(Row(numbers))
  }

  private static func columns(_ kind: Kind, _ generator: inout SeededGenerator) -> [[Double]] {
    /// Columns with means and lengths of their own.
    func gaussian(_ rows: Int, _ columns: Int, mean: Double = 1) -> [[Double]] {
      (0..<columns).map { j in
        let (mean, size) = (mean * generator.normal(), Double(1 + j % 5))
        return (0..<rows).map { _ in size * (mean + generator.normal()) }
      }
    }
    switch kind {
    case .gaussian: return gaussian(16, 12)
    // Years, pressures and the like: far from zero beside what they vary by.
    case .tall: return gaussian(36, 8, mean: 50)
    case .wide: return gaussian(12, 30)
    case .oneRow: return gaussian(1, 6)
    case .oneColumn: return gaussian(10, 1)
    case .coherent:
      return (0..<40).map { j in
        (0..<40).map { i in exp(-Double((i - j) * (i - j)) / 4.5) }
      }
    case .duplicated:
      // By powers of two, so that the atoms are the same to the last bit.
      let single = gaussian(14, 6)
      return single
        + [single[0].map { -2 * $0 }, single[1].map { $0 / 2 }, single[2], single[1]]
    case .constant:
      var columns = gaussian(14, 10)
      columns[1] = Array(repeating: 3, count: 14)
      columns[4] = Array(repeating: -0.1, count: 14)
      columns[5] = Array(repeating: 0, count: 14)
      return columns
    }
  }

  /// A and one observation as given: with rows of weight zero, unless these are taken out.
  func problem(
    _ model: RecoveryModel, observation: Int, normalize: Bool, withoutFill: Bool = false,
    entries: Entries = .memory, writing: Writing = .commas, loss: any Loss = SquaredLoss()
  ) throws -> RecoveryProblem {
    var model = model
    model.weights = withoutFill ? weights : givenWeights
    let matrix = try matrix(withoutFill: withoutFill)
    var y = withoutFill ? observations[observation] : given(observation)
    let stored: any LinearOperator
    switch entries {
    case .memory: stored = DenseMatrix.double(matrix)
    case .columns: stored = ColumnsAlone(matrix)
    case .sparse: stored = try SparseMatrix(matrix)
    case .complex:
      let (m, n) = (matrix.rows, matrix.columns / 2)
      stored = try ComplexMatrix(
        parts: .double(
          Matrix(
            rows: m, columns: n,
            columnMajor: (0..<n).flatMap { Array(matrix.column(2 * $0)) })))
    case .table, .gaps:
      let table = try TextTable(
        matrix, y, model.weights, hasGaps: entries == .gaps, writing: writing
      ).read()
      (stored, y, model.weights) = (table.matrix, table.target, table.weights)
    case .matlab:
      stored = try withExtendedLifetime(TemporaryFolder()) {
        try MatrixFile.write(DenseMatrix.double(matrix), to: $0("A.mat"))
        return try ForeignFile.read($0("A.mat"))
      }
    case .few:
      let few = try fewRows(withoutFill: withoutFill)
      (stored, y) = (few.matrix, few.observations[observation])
      model.weights = Array(repeating: few.weight, count: y.count)
      model.weightsAreFrequencies = false
    }
    return try RecoveryProblem(
      stored, observation: y, normalize: normalize, model: model, loss: loss)
  }

  /// All observations, as they go with the entries.
  func observations(withoutFill: Bool, entries: Entries) throws -> [[Double]] {
    if entries == .few { return try fewRows(withoutFill: withoutFill).observations }
    return observations.indices.map { withoutFill ? observations[$0] : given($0) }
  }

  /// As few rows as there are numbers in each, made of every third row and of the others.
  private func fewRows(withoutFill: Bool) throws -> ReducedTable.Contents {
    let matrix = DenseMatrix.double(try matrix(withoutFill: withoutFill))
    let ys = try observations(withoutFill: withoutFill, entries: .memory)
    let weights = withoutFill ? weights : givenWeights
    let parts = try [true, false].map { isThird in
      var part = ReducedTable(columns: columns.count, observations: ys.count)
      try part.add(
        matrix, observations: ys, weights: weights,
        rows: (0..<matrix.rows).filter { ($0 % 3 == 0) == isThird })
      return part
    }
    var all = parts[0]
    try all.add(parts[1])
    return try all.contents()
  }

  /// The rows, each as often as its weight says, without weights.
  func repeated() -> Table {
    let times = (weights ?? columns[0].map { _ in 1 }).map { Int($0) }
    func rows(_ v: [Double]) -> [Double] {
      zip(v, times).flatMap { Array(repeating: $0, count: $1) }
    }
    return Table(
      columns: columns.map(rows), observations: observations.map(rows), weights: nil, fill: nil,
      parts: parts)
  }

  /// A as given: with rows of weight zero, unless these are taken out.
  func matrix(withoutFill: Bool = false) throws -> Matrix<Double> {
    let given = withoutFill ? columns : columns.enumerated().map { padded($1, fills($0)) }
    return try Matrix(
      rows: given[0].count, columns: given.count, columnMajor: given.flatMap(\.self))
  }

  /// The same with some of the rows that count.
  func keeping(_ rows: [Int]) -> Table {
    Table(
      columns: columns.map { column in rows.map { column[$0] } },
      observations: observations.map { y in rows.map { y[$0] } },
      weights: weights.map { weights in rows.map { weights[$0] } }, fill: nil, parts: parts)
  }

  /// An observation, with what stands in rows of weight zero.
  func given(_ observation: Int) -> [Double] {
    padded(observations[observation], fill.map { [1, 0, $0] })
  }

  /// The weights as given, those that are zero included.
  var givenWeights: [Double]? {
    weights.map { padded($0, fill.map { _ in [0, 0, 0] }) }
  }

  /// The rows that count, among all that are given.
  var countedRows: [Int] {
    (givenWeights ?? given(0).map { _ in 1 }).enumerated().filter { $0.element > 0 }.map(\.offset)
  }

  /// What stands in column `j` where rows have weight zero: in the first row of them every number is
  /// missing, in the second one number, in the third that of the observation.
  private func fills(_ j: Int) -> [Double]? {
    fill.map { [$0, j == columns.count / 2 ? $0 : 0.5, -1] }
  }

  /// Three rows more: at the start, in the middle, and at the end.
  private func padded(_ v: [Double], _ fills: [Double]?) -> [Double] {
    guard let fills else { return v }
    let half = v.count / 2 / parts * parts
    let rows = fills.map { Array(repeating: $0, count: parts) }
    return rows[0] + v[..<half] + rows[1] + v[half...] + rows[2]
  }
}

extension Weights {
  /// Weights above zero for so many rows, or nil for ones.
  func drawn(_ rows: Int, _ generator: inout SeededGenerator) -> [Double]? {
    switch self {
    case .none: nil
    case .steep: (0..<rows).map { _ in exp(4 * generator.normal()) }
    case .frequencies: (0..<rows).map { _ in Double(1 + generator.int(below: 3)) }
    default: (0..<rows).map { _ in 0.5 + generator.uniform() }
    }
  }
}
