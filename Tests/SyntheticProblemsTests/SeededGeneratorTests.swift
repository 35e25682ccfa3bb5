import SparseCore
import Testing

@testable import SyntheticProblems

@Suite struct SeededGeneratorTests {
  @Test func firstNumbersOfTheSequence() {
    // From the published C programs of xoshiro256++ and SplitMix64.
    var generator = SeededGenerator(seed: 0)
    #expect(generator.next() == 5_987_356_902_031_041_503)
    #expect(generator.next() == 7_051_070_477_665_621_255)
  }

  @Test func momentsOfNormalNumbers() {
    let count = 200_001
    let numbers = normal(count, seed: 3)
    let n = Double(count)
    let mean = numbers.reduce(0, +) / n
    let variance = numbers.reduce(0) { $0 + $1 * $1 } / n
    let fourth = numbers.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
    // Five standard errors: the variances of x, x² and x⁴ are 1, 2 and 96.
    #expect(abs(mean) < 5 * (1 / n).squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(fourth - 3) < 5 * (96 / n).squareRoot())
    #expect(numbers.allSatisfy { $0 != 0 && $0.isFinite })
  }

  @Test func neighbouringNormalNumbersAreUncorrelated() {
    let numbers = normal(100_001, seed: 4)
    let n = Double(numbers.count - 1)
    let correlation = zip(numbers, numbers.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / n
    #expect(abs(correlation) < 5 * (1 / n).squareRoot())
  }

  @Test(arguments: [0, 1, 2, 7])
  func filledNumbersBeginLikeSingleOnes(count: Int) {
    var generator = SeededGenerator(seed: 5)
    #expect(normal(count, seed: 5).first == (count == 0 ? nil : generator.normal()))
  }

  @Test(arguments: [1, 2, 3, 10, 3 << 61])
  func integersAreUniform(bound: Int) {
    var generator = SeededGenerator(seed: 6)
    let draws = 30_000
    let classes = min(bound, 10)
    var counts = [Int](repeating: 0, count: classes)
    for _ in 0..<draws {
      let drawn = generator.int(below: bound)
      #expect(0..<bound ~= drawn)
      counts[Int(Double(drawn) / Double(bound) * Double(classes))] += 1
    }
    let p = 1 / Double(classes)
    for count in counts {
      let deviation = abs(Double(count) - Double(draws) * p)
      #expect(deviation <= 5 * (Double(draws) * p * (1 - p)).squareRoot())
    }
  }

  @Test func integersBelowAHugeBoundAreUnbiased() {
    // A product with 64 bits alone would give the remainders 0, 1 and 2 in the ratio 3 : 3 : 2.
    var generator = SeededGenerator(seed: 9)
    var counts = [0, 0, 0]
    for _ in 0..<9000 { counts[generator.int(below: 3 << 61) % 3] += 1 }
    for count in counts {
      // Five standard errors of √(9000 · 1/3 · 2/3).
      #expect(abs(count - 3000) <= 223)
    }
  }

  @Test(arguments: [(0, 5), (1, 1), (5, 5), (3, 7), (90, 100), (3, Int.max)])
  func samplesAreAscendingAndDistinct(count: Int, total: Int) {
    var generator = SeededGenerator(seed: 7)
    let sample = generator.sample(count, of: total)
    #expect(sample.count == count)
    #expect(zip(sample, sample.dropFirst()).allSatisfy { $0 < $1 })
    #expect(sample.allSatisfy { 0..<total ~= $0 })
  }

  @Test func everySubsetIsEquallyLikely() {
    var generator = SeededGenerator(seed: 8)
    var counts: [[Int]: Int] = [:]
    let draws = 20_000
    for _ in 0..<draws { counts[generator.sample(2, of: 5), default: 0] += 1 }
    #expect(counts.count == 10)
    for count in counts.values {
      #expect(abs(Double(count) - 2000) <= 5 * (Double(draws) * 0.1 * 0.9).squareRoot())
    }
  }

  @Test func sequencesOfOneSeedDiffer() {
    var first = Set<UInt64>()
    for purpose in [SeededGenerator.Purpose.matrix, .support, .magnitudes, .signs, .noise] {
      for index in [0, 1, 2, 3, 1 << 40, -1] {
        for seed in [UInt64(0), 1, .max] {
          var generator = SeededGenerator(seed: seed, purpose: purpose, index: index)
          first.insert(generator.next())
        }
      }
    }
    #expect(first.count == 5 * 6 * 3)
  }

  @Test func derivedSeedsDiffer() {
    var seeds = Set<UInt64>()
    for master in [UInt64(0), 1, .max] {
      for cell in 0..<50 {
        for trial in 0..<50 { seeds.insert(SeededGenerator.derivedSeed(master, cell, trial)) }
      }
      seeds.insert(SeededGenerator.derivedSeed(master, 1))
    }
    #expect(seeds.count == 3 * 2501)
    #expect(SeededGenerator.derivedSeed(7, 3, 4) == SeededGenerator.derivedSeed(7, 3, 4))
  }

  private func normal(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    var numbers = [Double](repeating: 0, count: count)
    numbers.withUnsafeMutableBufferPointer { generator.fillNormal($0) }
    return numbers
  }
}
