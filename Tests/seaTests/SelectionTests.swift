import Foundation
import Testing

/// How `sea path` chooses, and what it says of the choice: criteria, folds and draws of rows.
@Suite(.serialized) final class SelectionTests {
  private let tool: Tool
  private static let table = "path --table t.csv --target y -k 4 --intercept --backend cpu "

  init() throws {
    tool = try Tool()
    // 36 visits of 12 patients: y = 2 a − b and noise, c to e beside them.
    var state: UInt64 = 7
    func number() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 23) - 1
    }
    var lines = ["patient,fold,a,b,c,d,e,y"]
    for row in 0..<36 {
      let x = (0..<5).map { _ in number() }
      let y = 2 * x[0] - x[1] + 0.4 * number()
      lines.append(
        "p\(row % 12),\(["one", "two", "three"][row / 5 % 3]),"
          + (x + [y]).map { "\($0)" }.joined(separator: ","))
    }
    try write("t.csv", lines.joined(separator: "\n") + "\n")
    try write("labels.csv", (0..<36).map { "\(10 - $0 / 5 % 3)\n" }.joined())
  }

  deinit { tool.cleanUp() }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: tool.folder.appendingPathComponent(name))
  }

  private func contents(_ name: String) throws -> String {
    try String(contentsOf: tool.folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func run(_ words: String, labelled: Bool = false) throws -> Tool.Outcome {
    let given = labelled ? "" : "--drop patient,fold "
    return try tool.run((Self.table + given + words).split(separator: " ").map(String.init))
  }

  private func json(_ words: String, labelled: Bool = false) throws -> [String: Any] {
    let outcome = try run(words + " --json", labelled: labelled)
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return try outcome.json()
  }

  private func errors(_ json: [String: Any], _ criterion: String = "cv") throws -> [Double] {
    let choices = try #require(json["choices"] as? [[String: Any]])
    let choice = try #require(choices.first { $0["criterion"] as? String == criterion })
    return try #require(choice["values"] as? [Double])
  }

  /// Each of several criteria chooses what it chooses alone, and the first one decides.
  @Test func severalCriteria() throws {
    let all = try json("-c aic,ebic,cv,none --one-standard-error -o x.csv --points p.csv")
    let choices = try #require(all["choices"] as? [[String: Any]])
    #expect(choices.compactMap { $0["criterion"] as? String } == ["aic", "ebic", "cv", "none"])
    for choice in choices {
      let name = try #require(choice["criterion"] as? String)
      let alone = try json("-c \(name)" + (name == "cv" ? " --one-standard-error" : ""))
      let own = try #require((alone["choices"] as? [[String: Any]])?.first)
      #expect("\(own["chosen"] ?? 0)" == "\(choice["chosen"] ?? 1)")
      #expect(own["values"] as? [Double] == choice["values"] as? [Double])
      #expect(own["standardErrors"] as? [Double] == choice["standardErrors"] as? [Double])
      if name == "aic" {
        #expect(alone["chosen"] as? Int == all["chosen"] as? Int)
        #expect(all["criterion"] as? String == "aic")
      }
    }
    let text = try run("-c aic,cv")
    #expect(text.value("chosen") == "k = \(all["chosen"] ?? 0), by aic; k = 2, by cv")
    let count = try contents("x.csv").split(separator: "\n").dropFirst()
      .count { !$0.hasPrefix("(intercept)") && !$0.hasSuffix(",0.0") }
    #expect(count == all["chosen"] as? Int)
    let lines = try contents("p.csv").split(separator: "\n")
    #expect(
      lines[0].hasSuffix(
        "criterion,standard_error,chosen,ebic,ebic_standard_error,ebic_chosen,"
          + "cv,cv_standard_error,cv_chosen,none,none_standard_error,none_chosen"))
    #expect(lines.count == 5)
    for line in lines {
      #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == 17)
    }
  }

  /// R² is that of the solve with as many columns.
  @Test func explainedVariance() throws {
    let path = try json("-c none")
    let solve = try tool.run(
      "solve", "--table", "t.csv", "--target", "y", "--drop", "patient,fold", "-k", "4",
      "--intercept", "--json"
    ).json()
    #expect(path["rSquared"] as? Double == solve["rSquared"] as? Double)
    #expect(path["adjustedRSquared"] as? Double == solve["adjustedRSquared"] as? Double)
    #expect(path["rSquared"] as? Double ?? 0 > 0.8)
    #expect(try run("-c none").value("R²")?.contains("adjusted") == true)
  }

  /// A column of labels, a file of them, and the result of either are the same folds.
  @Test func foldsByLabel() throws {
    let column = try json("-c cv --folds fold --drop patient", labelled: true)
    let text = try run("-c cv --folds labels.csv --json")
    try write("used.json", text.output)
    let file = try text.json()
    let again = try json("-c cv --folds used.json")
    #expect(try errors(column).count == 4)
    for other in [file, again] {
      // The folds of numbers in another order: their mean is rounded otherwise.
      for (a, b) in zip(try errors(column), try errors(other)) { #expect(abs(a - b) <= 1e-12 * a) }
    }
    #expect(try errors(file) == errors(again))
    let folds = try #require(again["folds"] as? [String: Any])
    #expect(folds["counts"] as? [Int] == [3])
    #expect(folds["assignment"] as? [[Int]] == [(0..<36).map { 2 - $0 / 5 % 3 }])
    // By hand, the first fold: held out by weights, its error by its predictions.
    try write("w.csv", (0..<36).map { $0 / 5 % 3 == 0 ? "0\n" : "1\n" }.joined())
    let rest = try json("-c none --weights w.csv")
    let supports = (rest["points"] as? [[String: Any]])?.compactMap { $0["support"] as? [Int] }
    #expect(supports?.count == 4)
  }

  @Test func foldsByGroupAndAgain() throws {
    let grouped = try json(
      "-c cv --folds 4 --fold-groups patient --fold-repeats 3 --drop fold", labelled: true)
    let folds = try #require(grouped["folds"] as? [String: Any])
    #expect(folds["counts"] as? [Int] == [4, 4, 4])
    let assignment = try #require(folds["assignment"] as? [[Int]])
    #expect(Set(assignment).count == 3)
    for folds in assignment {
      #expect((0..<4).allSatisfy { fold in folds.count { $0 == fold } == 9 })
      for row in 12..<36 { #expect(folds[row] == folds[row % 12]) }
    }
    try write("groups.csv", (0..<36).map { "\($0 % 12)\n" }.joined())
    let file = try json("-c cv --folds 4 --fold-groups groups.csv --fold-repeats 3")
    #expect(try errors(file).count == 4)
  }

  @Test(arguments: [
    (
      "-c cv --folds target --drop patient,fold", 64,
      "--folds: expected a column of the table or a file, found 'target'; the nearest names are "
    ),
    (
      "-c cv --folds y --drop patient,fold", 64,
      "--folds: expected a column that is nothing else, found y, which is the target"
    ),
    (
      "-c cv --folds fold --fold-groups fold --drop patient", 64,
      "--fold-groups: expected a column that is nothing else, found fold, which is "
    ),
    (
      "-c cv --folds fold --drop patient --include fold", 64,
      "--include: expected columns to choose from, found fold, which is a column of labels"
    ),
    (
      "-c cv --folds 13 --fold-groups patient --drop fold", 64,
      "folds: expected a number from 2 to 12, the groups that take part, found 13"
    ),
    ("-c cv --folds t.csv --drop patient,fold", 65, "t.csv"),
    (
      "-c cv --folds none.json --drop patient,fold", 64,
      "--folds: expected a column of the table or a file, found 'none.json'; the nearest names are "
    ),
  ])
  func foldsAreRefused(words: String, code: Int32, message: String) throws {
    let outcome = try run(words, labelled: true)
    #expect(outcome.exitCode == code && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.hasPrefix("sea: \(message)"), "\(outcome.errors)")
  }

  @Test(arguments: ["bootstrap", "subsample"]) func drawsOfRows(scheme: String) throws {
    let words = "-c bic --\(scheme) 9 --seed 4 --frequencies f.csv --force"
    let json = try json(words)
    let draws = try #require(json["resampling"] as? [String: Any])
    #expect(draws["scheme"] as? String == scheme && draws["draws"] as? Int == 9)
    #expect(draws["wanted"] as? Int == 9 && draws["seed"] as? Int == 4)
    #expect(draws["confidence"] as? Double == 0.95 && draws["interval"] as? String == "wilson")
    #expect(draws["stopReason"] as? String == "converged")
    let chosen = try #require(draws["chosen"] as? [String: Any])
    #expect(chosen["sparsity"] as? Int == json["chosen"] as? Int)
    let sparsities = try #require(draws["sparsities"] as? [[String: Any]])
    #expect(sparsities.compactMap { $0["sparsity"] as? Int } == [1, 2, 3, 4])
    let first = try #require((sparsities[0]["columns"] as? [[String: Any]])?.first)
    #expect(first["name"] as? String == "a" && first["frequency"] as? Double == 1)
    #expect(first["column"] as? Int == 0 && (first["interval"] as? [Double])?[1] == 1)
    let error = try #require(sparsities[1]["heldOutError"] as? [String: Any])
    #expect(error["mean"] as? Double ?? 0 > 0 && error["standardDeviation"] as? Double ?? 0 > 0)
    let lines = try contents("f.csv").split(separator: "\n")
    #expect(
      lines[0] == "sparsity,column,name,frequency,low,high" && lines[1].hasPrefix("1,0,a,1.0,"))
    // The same with other numbers of threads, and in text.
    let threads = try self.json(words + " --threads 3 -o x.npy")
    let again = try #require(threads["resampling"] as? [String: Any])
    #expect(NSDictionary(dictionary: again).isEqual(to: draws))
    let text = try run(words + " --frequency-plot terminal")
    #expect(text.value("resampling")?.hasPrefix("9 ") == true)
    #expect(text.output.contains("a       1.0000") && text.output.contains("How often columns"))
    #expect(text.output.contains("█ 1\n"))
  }

  /// More draws go on from fewer.
  @Test func drawsGoOn() throws {
    let whole = try json("-c cv,bic --folds 3 --bootstrap 6 --deterministic")
    let few = try run(
      "-c cv,bic --folds 3 --bootstrap 3 --deterministic --checkpoint c --checkpoint-interval 0")
    #expect(few.exitCode == 0)
    let rest = try json(
      "-c cv,bic --folds 3 --bootstrap 6 --deterministic --checkpoint c --resume")
    #expect(
      NSDictionary(dictionary: try #require(rest["resampling"] as? [String: Any]))
        .isEqual(to: try #require(whole["resampling"] as? [String: Any])))
    #expect(try errors(rest) == errors(whole))
  }

  @Test func theTimeEndsTheDraws() throws {
    let json = try json("--bootstrap 1000000 --time-limit 0.5")
    let draws = try #require(json["resampling"] as? [String: Any])
    let count = try #require(draws["draws"] as? Int)
    #expect(draws["stopReason"] as? String == "time" && count < 1_000_000)
    let notices = try #require(json["notices"] as? [String])
    #expect(
      notices.contains(
        "the time limit left \(count) of 1000000 draws: frequencies are of these alone"))
  }

  /// Ctrl-C: the draws that are complete are told of.
  @Test func interruptionTellsOfWhatIsComplete() throws {
    let words = Self.table + "--drop patient,fold --bootstrap 1000000 --frequencies f.csv"
    let running = try tool.start(words.split(separator: " ").map(String.init))
    try running.waitUntilListening()
    Thread.sleep(forTimeInterval: 2)
    running.process.interrupt()
    let outcome = running.outcome()
    #expect(outcome.exitCode == 130)
    let found = try #require(outcome.value("resampling"))
    #expect(found.contains(" of 1000000 bootstrap draws of 36 rows, seed 1"))
    #expect(outcome.output.contains("notice              an interruption left "))
    #expect(try contents("f.csv").hasPrefix("sparsity,column,name,frequency,low,high\n1,0,a,"))
  }
}
