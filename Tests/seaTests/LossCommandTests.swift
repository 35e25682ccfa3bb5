import Foundation
import Testing

/// `--loss`: what is minimised, said, kept in models and predicted under losses other than least squares.
@Suite(.serialized) final class LossCommandTests: ToolSuite {
  let tool: Tool

  /// A patient: three measurements, whether ill, and how many visits.
  private struct Patient {
    let numbers: [Double]
    let isIll: Bool
    let visits: Int
  }

  /// Ill and often there where a − b is large, which no plane tells apart.
  private static let patients: [Patient] = (0..<60).map { i in
    let numbers = [7, 11, 13].map { Double((i * i + $0 * i) % 23) / 11 - 1 }
    let score = 1.5 * (numbers[0] - numbers[1]) + 0.3
    let isIll = i % 6 == 0 ? score < 0 : score > 0
    return Patient(
      numbers: numbers, isIll: isIll, visits: Int((exp(score / 2) * 2).rounded()) + i % 2)
  }

  init() throws {
    tool = try Tool()
    func table(_ name: String, _ patients: ArraySlice<Patient>, ill: (Bool) -> String) throws {
      let lines = patients.enumerated().map { i, p in
        "p\(i)," + p.numbers.map { "\($0)" }.joined(separator: ",") + ",\(ill(p.isIll)),\(p.visits)"
      }
      try write(name, (["id,a,b,c,ill,visits"] + lines).joined(separator: "\n") + "\n")
    }
    let all = Self.patients
    try table("words.csv", all[..<45]) { $0 ? "yes" : "no" }
    try table("test.csv", all[45...]) { $0 ? "yes" : "no" }
    try table("numbers.csv", all[..<45]) { $0 ? "2" : "1" }
    try table("bits.csv", all[..<45]) { $0 ? "1" : "0" }
    try write(
      "A.csv", all[..<45].map { "\($0.numbers[0]),\($0.numbers[1]),\($0.numbers[2])\n" }.joined())
    try write("y.csv", all[..<45].map { $0.isIll ? "5\n" : "-5\n" }.joined())
  }

  deinit { tool.cleanUp() }

  private static let ill = "--target ill --drop id,visits -k 2 --intercept --loss logistic"
  private static let visits = "--target visits --drop id,ill -k 2 --intercept --loss poisson"

  /// η of patients by a result.
  private func scores(_ result: [String: Any], _ patients: ArraySlice<Patient>) throws -> [Double] {
    let support = try #require(result["support"] as? [Int])
    let coefficients = try #require(result["coefficients"] as? [Double])
    let intercept = try #require(result["intercept"] as? Double)
    return patients.map { p in
      zip(support, coefficients).reduce(intercept) { $0 + $1.1 * p.numbers[$1.0] }
    }
  }

  /// At the minimum y less the mean is orthogonal to the columns selected and to the constant; the loss is what the
  /// definition makes of it; and criteria are the deviance and what the size costs.
  /// Rounds of search under another loss, by their number and by the clock.
  @Test func searchesInRounds() throws {
    let made = try run(
      "generate gaussian --rows 60 --columns 40 --sparsity 5 --snr 5 --seed 2 --output made")
    try #require(made.exitCode == 0, "\(made.errors)")
    let words =
      "solve -m made/A.npy -y made/y.npy -k 5 --intercept --loss huber --huber-threshold .1"
    let rounds = try json(words + " --rounds 2 --seed 3 --deterministic --effort thorough")
    #expect(rounds["rounds"] as? Int == 2)
    let attempts = try #require(rounds["attempts"] as? [[String: Any]])
    #expect(attempts.last?["solver"] as? String == "search")
    let timed = try json(words + " --effort thorough --time-limit .3")
    #expect(timed["stopReason"] as? String == "time")
  }

  @Test(arguments: [true, false]) func scoreEquationsHold(isLogistic: Bool) throws {
    let result = try json("solve --table words.csv " + (isLogistic ? Self.ill : Self.visits))
    let patients = Self.patients[..<45]
    let η = try scores(result, patients)
    let y = patients.map { isLogistic ? ($0.isIll ? 1.0 : 0) : Double($0.visits) }
    let means = η.map { isLogistic ? 1 / (1 + exp(-$0)) : exp($0) }
    let support = try #require(result["support"] as? [Int])
    for column in support.map({ j in patients.map { $0.numbers[j] } }) + [y.map { _ in 1 }] {
      let terms = zip(column, zip(y, means)).map { $0 * ($1.0 - $1.1) }
      #expect(abs(terms.reduce(0, +)) <= 1e-9 * terms.reduce(0) { $0 + abs($1) })
    }
    /// The loss of one row, by its definition.
    func term(_ y: Double, _ η: Double) -> Double {
      if isLogistic { return log(1 + exp(y == 1 ? -η : η)) }
      let own: Double = y > 0 ? y * log(y) - y : 0
      return exp(η) - y * η + own
    }
    let value: Double = zip(y, η).map(term).reduce(0, +)
    let loss = try #require(result["loss"] as? [String: Any])
    #expect(loss["name"] as? String == (isLogistic ? "logistic" : "poisson"))
    #expect(abs((loss["value"] as? Double ?? 0) - value) <= 1e-9 * value)
    #expect(abs((loss["deviance"] as? Double ?? 0) - 2 * value) <= 2e-9 * value)
    let mean = y.reduce(0, +) / 45
    let constant = isLogistic ? log(mean / (1 - mean)) : log(mean)
    let null: Double = y.map { term($0, constant) }.reduce(0, +)
    #expect(abs((loss["nullDeviance"] as? Double ?? 0) - 2 * null) <= 2e-9 * null)
    #expect(abs((loss["explained"] as? Double ?? 0) - 1 + value / null) <= 1e-9)
    #expect(result["rSquared"] == nil)
    let criteria = try #require(result["criteria"] as? [String: Double])
    #expect(Set(criteria.keys) == ["aic", "bic", "ebic", "gic"])
    #expect(abs((criteria["bic"] ?? 0) - 2 * value - 3 * log(45)) <= 1e-8 * value)
    let absent = result["criteriaAbsent"] as? [String: String]
    #expect(absent?["cp"] == "Cp is of least squares")
  }

  /// Words, numbers and bits are the same labels; which is 1 is said.
  @Test func labelsAreSaid() throws {
    let bits = try json("solve --table bits.csv " + Self.ill)
    #expect((bits["loss"] as? [String: Any])?["labels"] == nil)
    for (name, zero, one) in [("words", "no", "yes"), ("numbers", "1", "2")] {
      let result = try json("solve --table \(name).csv " + Self.ill)
      #expect(result["coefficients"] as? [Double] == bits["coefficients"] as? [Double])
      let labels = (result["loss"] as? [String: Any])?["labels"] as? [String: String]
      #expect(labels == ["zero": zero, "one": one])
      let notices = result["notices"] as? [String] ?? []
      #expect(notices.contains("ill: \(one) is 1, \(zero) is 0"))
    }
    let file = try json("solve -m A.csv -y y.csv -k 2 --intercept --loss logistic")
    #expect(file["coefficients"] as? [Double] == bits["coefficients"] as? [Double])
    #expect((file["notices"] as? [String])?.contains("y.csv: 5 is 1, -5 is 0") == true)
  }

  /// Probabilities with their shares, by their definitions, for the rows of another table.
  @Test func predictsProbabilities() throws {
    let words = "solve --table words.csv \(Self.ill) --test test.csv --model-output m.json"
    let result = try json(words)
    let prediction = try json("predict --model m.json --table test.csv")
    let η = try scores(result, Self.patients[45...])
    let labels = Self.patients[45...].map(\.isIll)
    let probabilities = try #require(prediction["predictions"] as? [Double])
    let linear = try #require(prediction["linearPredictors"] as? [Double])
    for (i, η) in η.enumerated() {
      #expect(abs(linear[i] - η) < 1e-12 && abs(probabilities[i] - 1 / (1 + exp(-η))) < 1e-12)
    }
    let right = zip(η, labels).count { ($0 > 0) == $1 }
    let logLoss = zip(η, labels).reduce(0) { $0 + log(1 + exp($1.1 ? -$1.0 : $1.0)) } / 15
    let (ones, zeros) = (
      zip(η, labels).filter(\.1).map(\.0), zip(η, labels).filter { !$1 }.map(\.0)
    )
    let pairs = ones.flatMap { one in zeros.map { one > $0 ? 1.0 : one == $0 ? 0.5 : 0 } }
    let auc = pairs.reduce(0, +) / Double(pairs.count)
    let test = try #require(result["test"] as? [String: Any])
    for found in [prediction, test] {
      #expect(found["accuracy"] as? Double == Double(right) / 15)
      #expect(abs((found["logLoss"] as? Double ?? 0) - logLoss) < 1e-12)
      #expect(abs((found["auc"] as? Double ?? 0) - auc) < 1e-12)
      #expect(found["rSquared"] == nil)
    }
    #expect(prediction["labels"] as? [String: String] == ["zero": "no", "one": "yes"])
    let text = try run("predict --model m.json --table test.csv")
    #expect(text.value("probabilities")?.hasPrefix("of yes: ") == true)
    #expect(text.value("error")?.contains("AUC") == true)
    // Labels of the model, and no others.
    let other = try run("predict --model m.json --table numbers.csv")
    #expect(other.exitCode == 0 && other.output.contains("predictions were not compared"))
  }

  @Test func predictsMeans() throws {
    let result = try json("solve --table words.csv \(Self.visits) --model-output m.json")
    let prediction = try json("predict --model m.json --table test.csv")
    let η = try scores(result, Self.patients[45...])
    let means = try #require(prediction["predictions"] as? [Double])
    for (mean, η) in zip(means, η) { #expect(abs(mean - exp(η)) <= 1e-12 * mean) }
    let y = Self.patients[45...].map { Double($0.visits) }
    let deviance: Double = zip(y, means).map { y, mean in
      let own: Double = y > 0 ? y * log(y / mean) : 0
      return 2 * (mean - y + own)
    }.reduce(0, +)
    #expect(abs((prediction["meanDeviance"] as? Double ?? 0) - deviance / 15) < 1e-11)
    #expect(prediction["accuracy"] == nil && prediction["loss"] as? String == "poisson")
  }

  /// What is fitted and what is left of y add up to y, on every scale.
  @Test(arguments: [ill, visits, visits.replacing("poisson", with: "huber --huber-threshold 0.7")])
  func residualsAddUp(words: String) throws {
    _ = try json("solve --table bits.csv \(words) --fitted f.csv --residuals r.csv --force")
    func numbers(_ name: String) throws -> [Double] {
      try String(contentsOf: tool.folder.appendingPathComponent(name), encoding: .utf8)
        .split(separator: "\n").compactMap { Double($0) }
    }
    let sums = zip(try numbers("f.csv"), try numbers("r.csv")).map(+)
    let y = Self.patients[..<45].map {
      words == Self.ill ? ($0.isIll ? 1.0 : 0) : Double($0.visits)
    }
    #expect(sums.count == 45)
    for (sum, y) in zip(sums, y) { #expect(abs(sum - y) < 1e-9) }
  }

  /// Rows far off pull by the threshold at most; and what is no likelihood has no criteria.
  @Test func huberIsRobust() throws {
    let words = "--table words.csv --target visits --drop id,ill -k 2 --intercept --loss huber"
    let result = try json("solve \(words) --huber-threshold 0.5")
    let η = try scores(result, Self.patients[..<45])
    let pulls = zip(η, Self.patients[..<45]).map { max(-0.5, min(0.5, Double($1.visits) - $0)) }
    #expect(abs(pulls.reduce(0, +)) < 1e-8)
    #expect((result["criteria"] as? [String: Double])?.isEmpty == true)
    let absent = try #require(result["criteriaAbsent"] as? [String: String])
    #expect(absent["aic"] == "the huber loss is no likelihood")
    let path = try json("path \(words) --huber-threshold 0.5 --folds 5")
    #expect(path["criterion"] as? String == "cv")
  }

  /// Deviances fall with k, criteria and folds choose, and a checkpoint goes on.
  @Test func pathsAreOfDeviances() throws {
    let words =
      "path --table words.csv \(Self.ill.replacing("-k 2", with: "-k 0:3")) -c bic,cv --folds 5"
    let result = try json(words + " --checkpoint p.checkpoint")
    let points = try #require(result["points"] as? [[String: Any]])
    let norms = points.compactMap { $0["residualNorm"] as? Double }
    #expect(norms.count == 4 && zip(norms, norms.dropFirst()).allSatisfy { $0 >= $1 })
    let choices = try #require(result["choices"] as? [[String: Any]])
    let bic = try #require(choices.first?["values"] as? [Double])
    for (k, value) in bic.enumerated() {
      #expect(abs(value - norms[k] * norms[k] - Double(k + 1) * log(45)) < 1e-9)
    }
    let again = try json(words + " --checkpoint p.checkpoint --resume")
    for key in ["points", "choices", "loss"] {
      #expect((again[key] as? NSObject) == (result[key] as? NSObject) && result[key] != nil)
    }
    let text = try run(words)
    #expect(text.output.contains("deviance") && text.value("explained deviance") != nil)
    #expect(!text.output.contains("R²") && !text.output.contains("relative residual"))
  }

  /// Two columns separate few labels: a notice says why they are not chosen, in JSON too.
  @Test func separatedFitsAreNotChosen() throws {
    let rows = 0..<18
    try write(
      "N.csv",
      rows.map { i in
        (0..<15).map { j in "\(Double((i * i * (j + 3) + (7 * j + 5) * i) % 29) / 11 - 1)" }
          .joined(separator: ",") + "\n"
      }.joined())
    try write("l.csv", rows.map { (3 * $0 * $0 + $0) % 13 > 6 ? "1\n" : "0\n" }.joined())
    let words = "path -m N.csv -y l.csv -k 0:6 --intercept --loss logistic -c aic"
    let notice = "the criterion is smallest at k = 2, where the fit has no minimum"
    let text = try run(words)
    #expect(text.value("chosen") == "k = 1, by aic")
    #expect(text.value("notice")?.hasPrefix(notice) == true)
    let result = try json(words)
    let notices = try #require(result["notices"] as? [String])
    #expect(result["chosen"] as? Int == 1 && notices.contains { $0.hasPrefix(notice) })
  }

  @Test func checksAndPages() throws {
    let outcome = try run(
      "solve --table words.csv \(Self.ill) --check --alternatives 2 --report page.html")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.value("check")?.hasPrefix("the reference backend finds the same") == true)
    #expect(outcome.value("explained deviance") != nil && outcome.value("R²") == nil)
    let page = try String(
      contentsOf: tool.folder.appendingPathComponent("page.html"), encoding: .utf8)
    #expect(page.contains("deviance") && !page.contains("normal distribution"))
  }

  private static let able =
    "sea, omp, gomp, ompr, splicing, foba, backward, cosamp, sp, htp, exhaustive"

  @Test(arguments: [
    (
      "--loss logistic -a tabu",
      "--algorithm: expected with --loss logistic one of \(able), found tabu"
    ),
    (
      "--loss logistic --start els",
      "--start: expected with --loss logistic one of \(able), found els"
    ),
    ("--loss huber", "--loss: expected --huber-threshold as well"),
    ("--huber-threshold 1", "--huber-threshold: needs --loss huber"),
    (
      "--loss logistic --gradient gram",
      "--gradient: expected auto or direct unless --loss is squares, found 'gram'"
    ),
    ("--loss logistic --cache-memory 1G", "--cache-memory: needs --loss squares"),
    ("--loss logistic --reduce on", "--reduce: expected auto or off unless --loss is squares"),
    (
      "--loss logistic --joint -a els",
      "--algorithm: expected with --loss logistic one of \(able), found els"
    ),
    ("--loss logistic --effort quick --seed 3", "--seed: needs a search with random starts"),
  ])
  func refuses(words: String, message: String) throws {
    let outcome = try run("solve -m A.csv -y y.csv -k 2 " + words)
    #expect(outcome.exitCode == 64 && outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func refusesData() throws {
    for (words, message) in [
      ("solve -m A.csv -y A.csv -k 1 --loss poisson", "expected at least 0, found -"),
      (
        "solve --table words.csv --target id --drop ill -k 1 --loss logistic",
        "words.csv: expected two words or numbers in the target id, found 45: p0, p1, p10, p11, p12, …"
      ),
      (
        "solve --table words.csv --target visits --drop id,ill -k 1 --loss logistic",
        "expected 0 or 1"
      ),
      ("solve --table words.csv --target ill --drop id -k 1", "found \""),
    ] {
      let outcome = try run(words)
      #expect(outcome.exitCode == 65 && outcome.errors.contains(message), "\(outcome.errors)")
    }
    for criterion in ["ebic", "cv,aic"] {
      let outcome = try run(
        "path -m A.csv -y y.csv -k 2 --loss huber --huber-threshold 1 -c \(criterion)")
      #expect(outcome.exitCode == 64 && outcome.errors.contains("expected cv or none with --loss"))
    }
    _ = try json("solve --table words.csv \(Self.ill) --model-output m.json")
    let model = try String(
      contentsOf: tool.folder.appendingPathComponent("m.json"), encoding: .utf8)
    #expect(model.contains("\"schemaVersion\":2") || model.contains("\"schemaVersion\" : 2"))
    try write("other.json", model.replacing("logistic", with: "probit"))
    let outcome = try run("predict --model other.json --table test.csv")
    #expect(outcome.exitCode == 65 && outcome.errors.contains("found probit"), "\(outcome.errors)")
  }

  /// Columns in another unit have the same fit in standard deviations, and no coefficient is negative.
  @Test func standardizesAndKeepsSigns() throws {
    let lines = Self.patients[..<45].map { p in
      "\(1000 * p.numbers[0] + 5),\(p.numbers[1]),\(p.numbers[2])\n"
    }
    try write("B.csv", lines.joined())
    func coefficients(_ words: String) throws -> [Double] {
      let found = try json("solve -y y.csv -k 3 --loss logistic " + words)
      #expect(found["support"] as? [Int] == [0, 1, 2])
      return try #require(found["coefficients"] as? [Double])
    }
    let words = "--standardize --ridge 3"
    let (own, other) = (
      try coefficients("-m A.csv " + words), try coefficients("-m B.csv " + words)
    )
    for (j, unit) in [1000.0, 1, 1].enumerated() {
      #expect(abs(own[j] - unit * other[j]) <= 1e-9 * abs(own[j]))
    }
    let signs = try json("solve -m A.csv -y y.csv -k 3 --intercept --loss logistic --nonnegative")
    let found = try #require(signs["coefficients"] as? [Double])
    #expect(!found.isEmpty && found.count < 3 && found.allSatisfy { $0 > 0 })
    #expect((signs["support"] as? [Int])?.contains(1) == false)
  }

  /// One support for labels of two kinds, and the deviance of both in a path of them.
  @Test func jointSupports() throws {
    try write(
      "Y.csv",
      Self.patients[..<45].map { p in "\(p.isIll ? 1 : 0),\(p.visits > 2 ? 1 : 0)\n" }.joined())
    let words = "-m A.csv -y Y.csv --intercept --loss logistic --joint"
    let outcome = try run("solve -k 2 --json " + words)
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
    let solutions = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(solutions.count == 2)
    let supports = solutions.compactMap { $0["support"] as? [Int] }
    #expect(supports.count == 2 && supports[0] == supports[1] && supports[0].count == 2)
    func deviance(_ result: [String: Any]) -> Double {
      (result["loss"] as? [String: Any])?["deviance"] as? Double ?? .nan
    }
    let path = try json("path -k 1:2 -c bic,cv --folds 3 " + words)
    let loss = try #require(path["loss"] as? [String: Any])
    let chosen = try #require(path["chosen"] as? Int)
    if chosen == 2 {
      let sum = solutions.reduce(0) { $0 + deviance($1) }
      #expect(abs((loss["deviance"] as? Double ?? 0) - sum) <= 1e-9 * sum)
    }
    let text = try run("path -k 1:2 -c bic " + words)
    #expect(text.output.contains("deviance") && text.output.contains("explained deviance"))
    #expect(text.output.contains("2, with one support"))
  }

  /// Observations of a file, each on its own.
  @Test func severalObservations() throws {
    try write(
      "two.csv", Self.patients[..<45].map { "\($0.isIll ? 1 : 0),\($0.isIll ? 3 : 4)\n" }.joined())
    let outcome = try run("solve -m A.csv -y two.csv -k 2 --intercept --loss logistic --json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let results = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let coefficients = try #require(results as? [[String: Any]]).map {
      $0["coefficients"] as? [Double] ?? []
    }
    #expect(coefficients.count == 2)
    for (a, b) in zip(coefficients[0], coefficients[1]) { #expect(abs(a + b) < 1e-8) }
  }
}
