import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// The largest entries, which have only one right answer.
  @Suite struct Selections {
    /// About the sizes at which one group, or one pass, is no longer enough.
    private static let counts =
      [1, 7, 1000, 4097] + (OnDevice.isInterpreted ? [] : [65536, 65537, 200_000])

    /// An interpreter, which looks for wrong accesses rather than for wrong numbers, gets some ties
    /// and nothing but ties.
    private static let distributions =
      OnDevice.isInterpreted ? [.quantised, .equalMagnitudes] : Distribution.allCases

    @Test(arguments: OnDevice.precisions, counts)
    func areExact(precision: Precision, count: Int) throws {
      let engine = try OnDevice.engine(precision)
      for distribution in Self.distributions where distribution.suits(count) {
        let values = distribution.values(count)
        let z = try engine.vector(values)
        let ranking = ranking(of: values, precision)
        for k in Set([1, 2, 25, count / 2, count]) where 1...count ~= k {
          let expected = selection(k, of: values, ranking)
          for way in RadixSelection.Way.allCases {
            let found = try engine.largest(k, of: z, way: way)
            #expect(
              found == expected, "\(distribution), \(k) of \(count), \(way)")
          }
        }
      }
    }

    @Test(arguments: OnDevice.precisions, [1, 16, 64, 1024])
    func areExactWithEveryGroupSize(precision: Precision, groupSize: Int) throws {
      let most = try #require(OpenCLBackend.devices().first).maximumWorkGroup
      let engine = try OnDevice.engine(precision, groupSize: min(groupSize, most))
      let values = Distribution.quantised.values(6000)
      let z = try engine.vector(values)
      let expected = selection(1000, of: values, ranking(of: values, precision))
      for way in RadixSelection.Way.allCases {
        #expect(try engine.largest(1000, of: z, way: way) == expected)
      }
    }

    /// Numbers so close that some tie after the ignored bits are rounded away, and some do not.
    @Test(arguments: OnDevice.precisions)
    func letRoundingBreakNoTies(precision: Precision) throws {
      let engine = try OnDevice.engine(precision)
      var generator = SeededGenerator(seed: 8)
      let values = (0..<20_000).map { _ in
        precision.rounded(generator.sign() * (2 - 0x1p-30 * generator.uniform()))
      }
      let z = try engine.vector(values)
      let ranking = ranking(of: values, precision)
      for k in [1, 100, 10_000] {
        let expected = selection(k, of: values, ranking)
        for way in RadixSelection.Way.allCases {
          #expect(try engine.largest(k, of: z, way: way) == expected)
        }
      }
    }

    /// Rows by their norms, of one work-group and of many.
    @Test(.enabled(if: !OnDevice.isInterpreted), arguments: OnDevice.precisions)
    func areOfRows(precision: Precision) throws {
      let engine = try OnDevice.engine(precision)
      try expectRowSelections(engine)
      var generator = SeededGenerator(seed: 12)
      let planes = (0..<9).map { _ in generator.symmetric(40_000).map { ($0 * 8).rounded() } }
      let norms = (0..<40_000).map { j in
        planes.reduce(0) { $0 + $1[j] * $1[j] }.squareRoot()
      }
      let expected = selection(50, of: norms, ranking(of: norms, .double)).indices
      let found = try engine.largest(50, of: planes.map { try engine.vector($0) as EngineVector })
      #expect(found.support == expected)
      #expect(found.coefficients == planes.flatMap { plane in expected.map { plane[$0] } })
    }

    /// Selections of different lengths one after another, each finding its work space clean.
    @Test(arguments: OnDevice.precisions) func leaveNothingBehind(precision: Precision) throws {
      let engine = try OnDevice.engine(precision)
      var generator = SeededGenerator(seed: 6)
      for count in [5000, 100_000, 17, 40_000] {
        let values = generator.symmetric(count).map(precision.rounded)
        let z = try engine.vector(values)
        let expected = selection(10, of: values, ranking(of: values, precision))
        for _ in 0..<3 {
          #expect(try engine.largest(10, of: z, way: .large) == expected)
        }
      }
    }

    @Test(arguments: OnDevice.precisions, RadixSelection.Way.allCases)
    func refuseNaN(precision: Precision, way: RadixSelection.Way) throws {
      let engine = try OnDevice.engine(precision)
      var values = Distribution.gaussian.values(5000)
      values[100] = .infinity
      values[4321] = -.nan
      let z = try engine.vector(values)
      for k in [1, 2, 5000] {
        #expect(throws: RecoveryError.nonFiniteCorrelation(engine: "opencl", column: 4321)) {
          try engine.largest(k, of: z, way: way)
        }
      }
    }
  }
}
