import Testing

@testable import Experiments

@Suite struct LogisticFitTests {
  private typealias Count = LogisticFit.Count

  @Test func aSaturatedFitIsKnownInClosedForm() throws {
    // Two abscissae and two parameters: the fit goes through the shares 3/4 and 1/4.
    let counts = [
      Count(x: 0, successes: 750, trials: 1000), Count(x: 1, successes: 250, trials: 1000),
    ]
    let half = try #require(LogisticFit(counts)?.crossing(of: 0.5))
    // The ridge of 10⁻³ stands beside weights of 187: six parts in a million.
    #expect(abs(half.x - 0.5) < 1e-5)
    // x = η₀ / (η₀ − η₁) with η = ±log 3, so ∂x/∂η = 1 / (4 log 3), and var(η) = 1 / (1000 · 3/16).
    let expected = (2 / 187.5).squareRoot() / (4 * 1.0986122886681098)
    #expect(abs(half.standardError / expected - 1) < 1e-4)
    let threeQuarters = try #require(LogisticFit(counts)?.crossing(of: 0.75))
    #expect(abs(threeQuarters.x) < 1e-4)
  }

  @Test(arguments: [1, 100, 100_000])
  func separableCountsConverge(trials: Int) throws {
    let counts = (0..<16).map { i in
      Count(x: Double(i) / 16, successes: i < 5 ? trials : 0, trials: trials)
    }
    let half = try #require(LogisticFit(counts)?.crossing(of: 0.5))
    // Somewhere between the last success and the first failure, and known about that well.
    #expect(abs(half.x - 4.5 / 16) < 0.5 / 16)
    #expect(half.standardError > 0)
    #expect(trials == 1 || half.standardError < 0.125)
    let most = try #require(LogisticFit(counts)?.crossing(of: 0.95))
    #expect(most.x < half.x)
  }

  @Test func problemsCountAsManyTimesAsThereAre() throws {
    let counts = [(0.1, 9), (0.3, 8), (0.5, 4), (0.7, 1)].map {
      Count(x: $0.0, successes: $0.1, trials: 10)
    }
    let apart = counts.flatMap { count in
      [
        Count(x: count.x, successes: count.successes, trials: count.successes),
        Count(x: count.x, successes: 0, trials: count.trials - count.successes),
      ]
    }
    let together = try #require(LogisticFit(counts)?.crossing(of: 0.5))
    let single = try #require(LogisticFit(apart)?.crossing(of: 0.5))
    #expect(abs(together.x - single.x) < 1e-9)
    #expect(abs(together.standardError - single.standardError) < 1e-9)
  }

  @Test(arguments: [
    [], [(0.1, 10), (0.2, 10)], [(0.1, 0), (0.2, 0)], [(0.1, 5)], [(0.1, 2), (0.2, 9)],
  ])
  func noTransition(counts: [(Double, Int)]) {
    let fit = LogisticFit(counts.map { Count(x: $0.0, successes: $0.1, trials: 10) })
    #expect(fit?.crossing(of: 0.5) == nil)
  }
}

@Suite struct SpikeDistanceTests {
  @Test(
    arguments: [
      ([3: 1], [7: 1], 4, 4), ([1: 1], [9: 1], 8, 2), ([0: 1], [0: 0.5, 4: 0.5], 2, 2),
      ([2: -1], [2: 5], 0, 0), ([0: 1, 5: 1], [1: 1, 6: 1], 1, 1),
      ([0: 3, 9: 1], [9: 4], 6.75, 0.75),
    ] as [([Int: Double], [Int: Double], Double, Double)])
  func distances(a: [Int: Double], b: [Int: Double], line: Double, circle: Double) throws {
    for (onCircle, expected) in [(false, line), (true, circle)] {
      for (first, second) in [(a, b), (b, a)] {
        let found = try #require(spikeDistance(train(first), train(second), onCircle: onCircle))
        // Twenty sums and differences of numbers up to 1.
        #expect(abs(found - expected) <= 40 * .ulpOfOne)
      }
    }
  }

  @Test func nothingIsFarFromSomething() {
    #expect(spikeDistance([0, 0], [0, 1], onCircle: true) == nil)
    #expect(spikeDistance([0, 0], [0, 0], onCircle: false) == 0)
  }

  private func train(_ spikes: [Int: Double]) -> [Double] { (0..<10).map { spikes[$0] ?? 0 } }
}

@Suite struct SampleTests {
  @Test func moments() throws {
    let sample = Sample([4, 1, 3, 2])
    #expect(sample.mean == 2.5)
    #expect(sample.quantile(0.5) == 2.5)
    #expect(sample.quartiles == 1.75...3.25)
    // The standard error of 1, 2, 3, 4 is √(5/3)/2.
    let upper = try #require(sample.meanInterval).upperBound
    let expected: Double = 2.5 + 1.96 * (5.0 / 12).squareRoot()
    #expect(abs(upper - expected) < 1e-14)
  }

  @Test func fewNumbers() {
    #expect(Sample([]).mean == nil && Sample([]).quantile(0.5) == nil)
    #expect(Sample([5]).mean == 5 && Sample([5]).quantile(0.9) == 5)
    #expect(Sample([5]).meanInterval == nil)
  }

  /// Sums that overflow leave no interval, and nothing traps.
  @Test func numbersTooLarge() {
    let most = Double.greatestFiniteMagnitude
    #expect(Sample([most, most]).meanInterval == nil)
    // A quartile is a number exactly, and the distance to its neighbour is infinite.
    #expect(Sample([-most, -most, most, most, most]).quartiles == nil)
  }
}
