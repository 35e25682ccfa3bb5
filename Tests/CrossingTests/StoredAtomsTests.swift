import SparseRecovery
import Testing

/// Atoms that are stored roughly, where weights make rows count very differently. Columns that are
/// nearly parallel, and more of them than a working set holds, let the rounding decide.
@Suite struct StoredAtomsTests {
  private static let (rows, columns) = (60, 1500)

  /// Every column is the one before with a little of its own.
  private func table(_ seed: UInt64) -> (columns: [[Double]], y: [Double], weights: [Double]) {
    var generator = SeededGenerator(seed: seed)
    var column = (0..<Self.rows).map { _ in generator.normal() }
    var columns: [[Double]] = []
    for _ in 0..<Self.columns {
      column = column.map { 0.98 * $0 + 0.2 * generator.normal() }
      columns.append(column)
    }
    var y = (0..<Self.rows).map { _ in 0.1 * generator.normal() }
    for j in generator.sample(6, of: Self.columns) {
      let x = generator.sign() * (1 + generator.uniform())
      for i in y.indices { y[i] += x * columns[j][i] }
    }
    let steep = Weights.steep.drawn(Self.rows, &generator) ?? []
    return (columns, y, steep)
  }

  @Test(
    .enabled(if: Place.allCases.contains(.openclHalf)), arguments: 1...8 as ClosedRange<UInt64>,
    [Weights.none, .steep])
  func supportsDoNotDependOnTheStorage(seed: UInt64, weights: Weights) throws {
    let table = table(seed)
    var model = RecoveryModel()
    if weights == .steep { model.weights = table.weights }
    let problem = try RecoveryProblem(
      matrix: .double(
        Matrix(
          rows: Self.rows, columns: Self.columns, columnMajor: table.columns.flatMap(\.self))),
      observation: table.y, model: model)
    var limits = Limits()
    limits.iterations = 200
    func visits(_ place: Place, _ gradient: SEA.Gradient) throws -> ([[Int]], SparseSolution) {
      var supports: [[Int]] = []
      let solution = try SEA(gradient: gradient, limits: limits)
        .solve(problem, sparsity: 6, on: place.backend()) {
          supports.append($0.support)
          return .proceed
        }
      return (supports, solution)
    }
    let expected = try visits(.reference, .direct).0
    for place in [Place.opencl, .openclSingle, .openclHalf] {
      let (found, solution) = try visits(place, .auto)
      let place = place.rawValue
      #expect(!solution.warnings.contains(.reducedStorage), "\(place)")
      let parting = zip(found, expected).enumerated().first { $1.0 != $1.1 }?.offset
      #expect(
        found == expected, "seed \(seed), \(place), weights \(weights): parts at \(parting ?? -1)")
    }
  }
}
