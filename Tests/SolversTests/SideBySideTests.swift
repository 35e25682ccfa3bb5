import SparseCore
import Synchronization
import TestSupport
import Testing

@testable import Solvers

/// Jobs side by side: what counts is what would have counted one after another.
@Suite struct SideBySideTests {
  private struct Finding: Sendable, Equatable {
    let place: Int
    let cost: Double
  }

  private let never = Interruption(deadline: nil, isCancelled: nil)

  /// Up to the first with which the costs come to the limit, whoever is quicker.
  @Test(arguments: [1, 2, 5]) func countsAsOneAfterAnother(workers: Int) throws {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<50 {
      let costs = (0..<12).map { _ in
        // Nothing found, nothing spent, all spent at once.
        let kind = generator.int(below: 8)
        return kind == 0 ? nil : kind == 1 ? 0 : kind == 2 ? .infinity : generator.uniform()
      }
      let limit = 0.1 + 4 * generator.uniform()
      var (expected, sum) = ([Finding](), 0.0)
      for (place, cost) in costs.enumerated() where sum < limit {
        guard let cost else { continue }
        expected.append(Finding(place: place, cost: cost))
        sum += cost
      }
      let (findings, areCut) = try SideBySide.run(
        costs.count, workers: workers, until: never, limit: limit, cost: \.cost
      ) { (place, worker, _) throws(RecoveryError) in
        #expect((0..<workers).contains(worker))
        return costs[place].map { Finding(place: place, cost: $0) }
      }
      #expect(findings == expected && !areCut)
    }
  }

  /// What fails behind the last that counts was never there.
  @Test(arguments: [1, 3]) func failuresCountInTheirOrder(workers: Int) throws {
    func run(failing place: Int, limit: Double) throws(RecoveryError) -> [Finding] {
      try SideBySide.run(6, workers: workers, until: never, limit: limit, cost: \.cost) {
        (own, _, _) throws(RecoveryError) in
        if own == place { throw .outOfMemory(bytes: own) }
        return Finding(place: own, cost: 1)
      }.findings
    }
    #expect(try run(failing: 4, limit: 3).map(\.place) == [0, 1, 2])
    #expect(throws: RecoveryError.outOfMemory(bytes: 2)) { try run(failing: 2, limit: 4) }
  }

  /// A job that ends when it is told to, with what it has; those that had not begun have nothing.
  @Test(arguments: [1, 4]) func jobsAreCutShort(workers: Int) throws {
    let isOver = Atomic(false)
    let ended = Atomic(0)
    let (findings, areCut) = try SideBySide.run(
      8, workers: workers,
      until: Interruption(deadline: nil) { isOver.load(ordering: .relaxed) }, limit: 100,
      cost: \.cost
    ) { (place, _, interruption) throws(RecoveryError) in
      if place < 2 { ended.add(1, ordering: .relaxed) }
      // Not before the first two are under way, whose worker may have been kept from them.
      if place == 2 {
        while ended.load(ordering: .relaxed) < 2 {}
        isOver.store(true, ordering: .relaxed)
      }
      while place > 1, interruption.reason == nil {}
      return Finding(place: place, cost: 1)
    }
    #expect(areCut && findings.map(\.place).starts(with: [0, 1, 2]) && findings.count < 8)
  }

  /// One at a time, and everybody in the end.
  @Test func turnsAreTaken() throws {
    let turns = Turns()
    let inside = Atomic(0)
    let most = Atomic(0)
    let (findings, _) = try SideBySide.run(
      32, workers: 4, until: never, limit: 100, cost: \.cost
    ) { (place, _, _) throws(RecoveryError) in
      try turns.take { () throws(RecoveryError) in
        let count = inside.add(1, ordering: .relaxed).newValue
        most.max(count, ordering: .relaxed)
        inside.subtract(1, ordering: .relaxed)
        return Finding(place: place, cost: 1)
      }
    }
    #expect(findings.count == 32 && most.load(ordering: .relaxed) == 1)
  }
}
