import SparseCore
import Testing

@Suite struct RecoveryProblemTests {
  private let matrix: DenseMatrix

  init() throws { matrix = .double(try Matrix(rows: 2, columns: 2, columnMajor: [3, 4, 0, 2])) }

  @Test(arguments: [[], [1], [1, 2, 3]]) func lengthIsChecked(y: [Double]) {
    #expect(throws: RecoveryError.observationLength(expected: 2, found: y.count)) {
      try RecoveryProblem(matrix: matrix, observation: y)
    }
  }

  @Test func firstBadObservationIsNamed() {
    #expect(throws: RecoveryError.nonFiniteObservation(index: 1, value: .infinity)) {
      try RecoveryProblem(matrix: matrix, observation: [1, .infinity])
    }
  }

  /// The scale is a power of two, so scaling by one changes no bit of the scaled observation.
  @Test(arguments: [-1060, -900, -3, 0, 7, 900]) func scaledObservationIgnoresTheUnit(exponent: Int)
    throws
  {
    let y = [1.75, -0.3]
    let plain = try RecoveryProblem(matrix: matrix, observation: y)
    let scaled = try RecoveryProblem(
      matrix: matrix, observation: y.map { $0.scaled(by: exponent) })
    if exponent > -1000 { #expect(scaled.scaledObservation == plain.scaledObservation) }
    #expect(scaled.scaledObservation.allSatisfy { $0.isFinite })
  }

  /// Weights that are frequencies say how many rows there are: one at least.
  @Test func frequenciesOfNoRowAreRefused() throws {
    var model = RecoveryModel()
    model.weightsAreFrequencies = true
    func rows(_ weights: [Double]) throws -> Int {
      model.weights = weights
      return try RecoveryProblem(matrix: matrix, observation: [1, 16], model: model).sampleSize
    }
    #expect(try rows([0.25, 0.25]) == 1 && rows([3, 0]) == 3)
    #expect(
      throws: RecoveryError.invalidOption(
        name: "frequency-weights", value: "weights that add up to 0.25",
        expected: "at least one row in all")
    ) { try rows([0.125, 0.125]) }
  }

  @Test func coefficientsReturnToTheOriginalColumns() throws {
    let problem = try RecoveryProblem(matrix: matrix, observation: [0, 16])
    #expect(problem.observationScale == 16)
    // x_j = c_j · scale_j · observationScale
    let original = zip([5.0, 1], problem.atoms.scale).map { $0 * $1 * problem.observationScale }
    #expect(original == [16, 8])
  }
}

@Suite struct SelectionTests {
  /// Columns 0 and 3 are zero, so ties at zero go to 1, 2, 4, … instead.
  @Test(
    arguments: zip(
      [[0, 1, 2], [0, 1, 5], [0, 3, 4], [1, 2, 5]],
      [[1, 2, 4], [1, 2, 5], [1, 2, 4], [1, 2, 5]]))
  func zeroColumnsGiveWay(selected: [Int], expected: [Int]) throws {
    let entries = [0.0, 1, 1, 0, 1, 1]
    let atoms = try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: 6, columnMajor: entries)))
    let values = selected.map { $0 == 5 || $0 == 4 && selected == [0, 3, 4] ? 2.0 : 0 }
    let selection = SparseVector(support: selected, coefficients: values)
    #expect(selection.support(among: atoms) == expected)
  }
}
