import Foundation
import SparseCore
import Testing

/// Results of scaling with other numbers in them: drawn or refused, never a trap.
@Suite struct ScalingFileTests {
  private static let telling = [
    "0", "-1", "1", "\(Int.max)", "\(Int.min)", "1e308", "-1e308", "5e-324", "1e17", "0.5", "1e999",
    "null", "[]",
  ]

  @Test(.timeLimit(.minutes(5))) func damagedOnesNeverTrap() throws {
    let tool = try Tool()
    defer { tool.cleanUp() }
    let made = try tool.run(
      "experiment", "scaling", "--quick", "--time-limit", "2", "--threads", "1", "-o", "s",
      environment: ["OCL_ICD_VENDORS": tool.folder.path])
    #expect(made.exitCode == 0, "\(made.errors)")
    let file = tool.folder.appendingPathComponent("s/results.json")
    let original = try String(contentsOf: file, encoding: .utf8)
    let numbers = original.matches(of: /-?\d[\d.e+-]*/).map(\.range)
    var generator = SeededGenerator(seed: 1)
    var drawn = 0
    let count = 100
    for _ in 0..<count {
      var text = original
      // From behind, so that the places before stay.
      let places = (0...Int.random(in: 0...5, using: &generator)).map { _ in
        numbers.randomElement(using: &generator)
      }
      for place in Set(places.compactMap(\.self)).sorted(by: { $0.lowerBound > $1.lowerBound }) {
        text.replaceSubrange(place, with: Self.telling.randomElement(using: &generator) ?? "")
      }
      try Data(text.utf8).write(to: file)
      let outcome = try tool.run("plot", "s/results.json", "--plot", "terminal", "--force")
      #expect([0, 65].contains(outcome.exitCode), "\(text)")
      #expect(outcome.errors.split(separator: "\n").count == (outcome.exitCode == 0 ? 0 : 1))
      drawn += outcome.exitCode == 0 ? 1 : 0
    }
    #expect(drawn > count / 10 && drawn < count)
  }
}
