import ReferenceBackend
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// What happens to vectors between products.
  @Suite struct Vectors {
    /// Lengths about the size of a work-group, and one that takes several pieces of staging memory.
    static let lengths = [1, 7, 1023, 1025, 700_001]

    @Test(arguments: OnDevice.precisions, lengths)
    func comeBackAsWritten(precision: Precision, count: Int) throws {
      var generator = SeededGenerator(seed: 4)
      let engine = try OnDevice.engine(precision)
      let vector = try engine.makeVector(.numbers(count))
      #expect(try engine.read(vector) == [Double](repeating: 0, count: count))
      let (first, second) = (generator.symmetric(count), generator.symmetric(count))
      try engine.write(first, to: vector)
      #expect(try engine.read(vector) == first.map(precision.rounded))
      // Twice without waiting in between: the second must not overtake the first.
      try engine.write(first, to: vector)
      try engine.write(second, to: vector)
      #expect(try engine.read(vector) == second.map(precision.rounded))
    }

    @Test(arguments: OnDevice.precisions, [1, 7, 1025])
    func areAddedLikeTheReference(precision: Precision, count: Int) throws {
      var generator = SeededGenerator(seed: 5)
      let engine = try OnDevice.engine(precision)
      let u = generator.symmetric(count).map(precision.rounded)
      let v = generator.symmetric(count).map(precision.rounded)
      let target = try engine.vector(v)
      try engine.add(-0.75, times: engine.vector(u), to: target)
      let found = try engine.read(target)
      // A product by 3/4 and a sum, each rounded once, as in the reference.
      let expected = zip(u, v).map { u, v in
        precision.rounded(v + precision.rounded(-0.75 * u))
      }
      #expect(found == expected)
    }

    @Test(arguments: OnDevice.precisions, [1, 7, 4097])
    func updateAsContracted(precision: Precision, count: Int) throws {
      try expectVectorsUpdate(OnDevice.engine(precision), count: count)
    }

    /// The last is more than staging memory holds at once, so that pieces end within vectors.
    @Test(arguments: OnDevice.precisions, [1, 7, 4097])
    func comeTogether(precision: Precision, count: Int) throws {
      try expectWritesTogether(OnDevice.engine(precision), count: count)
    }

    @Test(arguments: OnDevice.precisions) func areClearedAtIndices(precision: Precision) throws {
      let engine = try OnDevice.engine(precision)
      let ones = [Double](repeating: 1, count: 3000)
      let vector = try engine.vector(ones)
      // More indices than the buffer for them holds at first.
      for indices in [[], [0], [2999], Array(stride(from: 1, to: 3000, by: 3)), Array(0..<3000)] {
        try engine.write(ones, to: vector)
        try engine.clear(vector, at: indices)
        var expected = ones
        for i in indices { expected[i] = 0 }
        #expect(try engine.read(vector) == expected)
      }
    }
  }
}
