import Foundation
import MatrixFiles
import Testing

@testable import sea

/// A fit is kept in a file, and applied to other rows.
@Suite(.serialized) final class ModelFileTests: ToolSuite {
  let tool: Tool

  /// price = 3 + 2 size − rooms, and a little that no column explains.
  private static let rows: [(id: String, size: Double, rooms: Double, age: Double, price: Double)] =
    (0..<24).map { i in
      let (size, rooms, age) = (Double(i % 7), Double(i * i % 5), Double(i * 3 % 8))
      return ("h\(i)", size, rooms, age, 3 + 2 * size - rooms + (i % 2 == 0 ? 0.125 : -0.125))
    }

  init() throws {
    tool = try Tool()
    func table(
      _ rows: ArraySlice<(id: String, size: Double, rooms: Double, age: Double, price: Double)>
    ) -> String {
      "id,size,rooms,age,price\n"
        + rows.map { "\($0.id),\($0.size),\($0.rooms),\($0.age),\($0.price)\n" }.joined()
    }
    try write("train.csv", table(Self.rows[..<16]))
    try write("test.csv", table(Self.rows[16...]))
  }

  deinit { tool.cleanUp() }

  private func model() throws -> [String: Any] {
    let data = try Data(contentsOf: tool.folder.appendingPathComponent("m.json"))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  private static let fit = "solve --table train.csv --target price --drop id -k 2 --intercept "
  private static let keep = fit + "--model-output m.json --force "

  @Test func holdsWhatTheFitIs() throws {
    let outcome = try run(Self.keep + "--exclude age --json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let result = try outcome.json()
    let model = try model()
    #expect(
      Set(model.keys) == [
        "schemaVersion", "target", "columns", "intercept", "terms", "categories", "fit",
      ])
    #expect(model["schemaVersion"] as? Int == 1 && model["columns"] as? Int == 5)
    #expect(model["intercept"] as? Double == result["intercept"] as? Double)
    let terms = try #require(model["terms"] as? [[String: Any]])
    #expect(terms.map { $0["coefficient"] as? Double } == result["coefficients"] as? [Double])
    let columns = terms.compactMap { $0["column"] as? [String: Any] }
    #expect(columns.compactMap { $0["name"] as? String } == ["size", "rooms"])
    #expect(columns.compactMap { $0["index"] as? Int } == [1, 2])
    #expect((model["target"] as? [String: Any])?["name"] as? String == "price")
    let fit = try #require(model["fit"] as? [String: Any])
    #expect(fit["algorithm"] as? String == "sea" && fit["sparsity"] as? Int == 2)
    #expect(fit["version"] as? String == "0.1.0" && fit["intercept"] as? Bool == true)
    #expect((fit["exclude"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["age"])
  }

  /// The shares of the variance, computed here by their definitions.
  @Test func varianceIsExplained() throws {
    let json = try run(Self.fit + "--json --test test.csv").json()
    let coefficients = try #require(json["coefficients"] as? [Double])
    let intercept = try #require(json["intercept"] as? Double)
    func squares(
      _ rows: ArraySlice<(id: String, size: Double, rooms: Double, age: Double, price: Double)>
    ) -> (
      residual: Double, total: Double
    ) {
      let mean = rows.map(\.price).reduce(0, +) / Double(rows.count)
      return rows.reduce((0, 0)) { sum, row in
        let difference =
          row.price - intercept - coefficients[0] * row.size - coefficients[1] * row.rooms
        return (sum.0 + difference * difference, sum.1 + (row.price - mean) * (row.price - mean))
      }
    }
    #expect(json["names"] as? [String] == ["size", "rooms"])
    let train = squares(Self.rows[..<16])
    let rSquared = try #require(json["rSquared"] as? Double)
    #expect(abs(rSquared - (1 - train.residual / train.total)) < 1e-12)
    let adjusted = try #require(json["adjustedRSquared"] as? Double)
    #expect(abs(adjusted - (1 - (train.residual / 13) / (train.total / 15))) < 1e-12)
    let test = squares(Self.rows[16...])
    let error = try #require(json["test"] as? [String: Any])
    #expect(error["rows"] as? Int == 8)
    #expect(
      json["notices"] as? [String]
        == ["train.csv", "test.csv"].map {
          "\($0): the first line was taken as the names of the columns; --header says so"
        })
    #expect(abs((error["rmse"] as? Double ?? 0) - (test.residual / 8).squareRoot()) < 1e-12)
    #expect(abs((error["rSquared"] as? Double ?? 0) - (1 - test.residual / test.total)) < 1e-12)
    let text = try run(Self.fit + "--test test.csv")
    #expect(text.value("R²")?.contains(", adjusted 0.99") == true, "\(text)")
    #expect(text.value("test")?.hasSuffix(", 8 rows") == true)
    // Without a constant there is no mean to compare with.
    #expect(
      try run("solve --table train.csv --target price --drop id -k 2 --json").json()["rSquared"]
        == nil)
  }

  /// A result is shown, whatever rows held out turn out to hold.
  @Test func badTestRowsCostNoResult() throws {
    try write("bad.csv", "id,size,rooms,age,price\nh,1,2,3,4\nh,one,2,3,4\n")
    let outcome = try run(Self.fit + "--test bad.csv --json")
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors == "sea: bad.csv, line 3, column 2 (size): expected a number, found \"one\"\n")
    let json = try outcome.json()
    #expect(json["names"] as? [String] == ["size", "rooms"] && json["test"] == nil)
  }

  @Test(arguments: ["--intercept", "", "--standardize --ridge 0.5", "--exclude age --nonnegative"])
  func isApplied(options: String) throws {
    let words =
      "solve --table train.csv --target price --drop id -k 2 --model-output m.json --json "
    let json = try run(words + options).json()
    let coefficients = try #require(json["coefficients"] as? [Double])
    let names = try #require(json["names"] as? [String])
    let outcome = try run("predict --model m.json --table test.csv --output p.csv --json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let expected = Self.rows[16...].map { row in
      let values = ["size": row.size, "rooms": row.rooms, "age": row.age]
      return zip(names, coefficients).reduce(json["intercept"] as? Double ?? 0) {
        $0 + $1.1 * (values[$1.0] ?? .nan)
      }
    }
    let result = try outcome.json()
    // The tests' reader of JSON may be off in the last digit.
    func agree(_ found: [Double]) -> Bool {
      found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }
    }
    #expect(agree(try #require(result["predictions"] as? [Double])))
    #expect(result["target"] as? String == "price" && result["rmse"] as? Double != nil)
    let file = try String(
      contentsOf: tool.folder.appendingPathComponent("p.csv"), encoding: .utf8)
    #expect(agree(file.split(separator: "\n").compactMap { Double($0) }))
  }

  /// By name, wherever the columns stand, and whatever else there is.
  @Test func columnsAreFoundByName() throws {
    _ = try run(Self.keep)
    let expected = try run("predict --model m.json --table test.csv --json").json()["predictions"]
    try write(
      "other.csv",
      "note;rooms;size\n"
        + Self.rows[16...].map { "\"x; y\";\($0.rooms);\($0.size)\n" }.joined())
    let outcome = try run("predict --model m.json --table other.csv")
    #expect(outcome.exitCode == 0 && outcome.value("rows") == "8 of price", "\(outcome)")
    #expect(outcome.value("error") == nil && outcome.value("predictions") != nil)
    let found = try run("predict --model m.json --table other.csv --json").json()
    #expect(found["predictions"] as? [Double] == expected as? [Double])
  }

  /// By index where there are no names.
  @Test func columnsAreFoundByIndex() throws {
    func plain(
      _ rows: ArraySlice<(id: String, size: Double, rooms: Double, age: Double, price: Double)>
    ) -> String {
      rows.map { "\($0.price),\($0.age),\($0.size),\($0.rooms)\n" }.joined()
    }
    try write("plain.csv", plain(Self.rows[..<16]))
    try write("more.csv", plain(Self.rows[16...]))
    _ = try run("solve --table plain.csv --target 0 -k 2 --intercept --model-output m.json")
    let named = try run(Self.fit + "--test test.csv --json").json()["test"] as? [String: Any]
    let json = try run("predict --model m.json --table more.csv --json").json()
    #expect(abs((json["rmse"] as? Double ?? 0) - (named?["rmse"] as? Double ?? 1)) < 1e-12)
    #expect(json["target"] == nil)
    // Of other rows the target may be unknown.
    try write("open.csv", Self.rows[16...].map { "\($0.age),\($0.size),\($0.rooms)\n" }.joined())
    let open = try run("predict --model m.json --table open.csv --json").json()
    #expect(open["predictions"] as? [Double] == json["predictions"] as? [Double])
    #expect(open["rmse"] == nil)
    try write("narrow.csv", "1,2\n3,4\n")
    let narrow = try run("predict --model m.json --table narrow.csv")
    #expect(narrow.exitCode == 65)
    #expect(
      narrow.errors
        == "sea: narrow.csv: expected the 4 columns of the model, which are told by their index, or 3 without its "
        + "target, found 2\n")
  }

  private static let nameless = [0, 1, 2, 3].map { FittedModel.Column(name: nil, index: $0) }

  /// Without names a column is the one at the same place of as many, or of all but the target.
  @Test(
    arguments: [
      // A matrix of four columns, whose target is elsewhere.
      (nil, [0, 3], 4, [0, 3]), (nil, [0, 3], 3, nil), (nil, [0, 3], 5, nil),
      // A table of which one of four columns is the target.
      (0, [1, 3], 4, [1, 3]), (0, [1, 3], 3, [0, 2]), (1, [0, 3], 3, [0, 2]),
      (3, [0, 2], 3, [0, 2]),
      (0, [1, 3], 2, nil), (0, [1, 3], 5, nil), (0, [0], 3, nil), (0, [0], 4, [0]),
    ] as [(Int?, [Int], Int, [Int]?)])
  func placesWithoutNames(target: Int?, wanted: [Int], width: Int, places: [Int]?) throws {
    try write("w.csv", String(repeating: "1,", count: width - 1) + "1\n")
    let path = tool.folder.appendingPathComponent("w.csv").path
    let fitted = FittedColumns(count: 4, target: target.map { Self.nameless[$0] })
    let table = try TableFile(path, header: false)
    let found = try? fitted.places(of: wanted.map { Self.nameless[$0] }, in: table)
    #expect(found == places)
    #expect(fitted.notices(about: Self.nameless, in: table).isEmpty)
  }

  /// Names of a table say nothing to a model that has none, which is said.
  @Test func indicesInATableWithNames() throws {
    let path = tool.folder.appendingPathComponent("test.csv").path
    let table = try TableFile(path, header: true)
    let fitted = FittedColumns(count: 5, target: nil)
    #expect(try fitted.places(of: [Self.nameless[2]], in: table) == [2])
    #expect(
      fitted.notices(about: [Self.nameless[2]], in: table) == [
        "\(path): columns that have no name in the model were found by their index, whatever they are called here"
      ])
    let named = FittedModel.Column(name: "size", index: 0)
    #expect(fitted.notices(about: [named], in: table).isEmpty)
  }

  /// What the rows come to may be unknown.
  @Test func theTargetNeedNotBeThere() throws {
    _ = try run(Self.keep)
    try write("open.csv", "size,rooms,price\n1,2,NA\n3,4,NA\n")
    let outcome = try run("predict --model m.json --table open.csv")
    #expect(outcome.exitCode == 0 && outcome.value("error") == nil)
    try write("words.csv", "size,rooms,price\n1,2,4\n3,4,cheap\n")
    let words = try run("predict --model m.json --table words.csv")
    #expect(words.exitCode == 0 && words.value("error") == nil)
    #expect(
      words.output.contains("predictions were not compared: words.csv, line 3, column 3 (price)"))
    try write("some.csv", "size,rooms,price\n1,2,4\n3,4,NA\n")
    let some = try run("predict --model m.json --table some.csv --json").json()
    #expect(some["rmse"] != nil && some["rows"] as? Int == 2 && some["rowsCompared"] as? Int == 1)
  }

  /// Rows held out have the target, wherever columns are found by index.
  @Test func rowsHeldOutWithoutNames() throws {
    try write("plain.csv", Self.rows.map { "\($0.size),\($0.rooms),\($0.price)\n" }.joined())
    try write("open.csv", Self.rows.map { "\($0.size),\($0.rooms)\n" }.joined())
    let outcome = try run("solve --table plain.csv --target 2 -k 2 --test open.csv")
    #expect(
      outcome.errors
        == "sea: open.csv: expected the 3 columns of the model, which are told by their index, found 2\n"
    )
    #expect(outcome.exitCode == 65 && outcome.output.isEmpty)
  }

  @Test func aPathKeepsWhatItChose() throws {
    let json = try run(
      "path --table train.csv --target price --drop id -k 3 --intercept --model-output m.json --json"
    ).json()
    let terms = try #require(try model()["terms"] as? [[String: Any]])
    #expect(terms.count == json["chosen"] as? Int)
  }

  /// A matrix in another format has no names.
  @Test func aMatrixWithoutNames() throws {
    _ = try run("generate gaussian --rows 20 --columns 6 -k 2 --snr 30 -o p")
    let outcome = try run("solve -m p/A.npy -y p/y.npy -k 2 --model-output m.json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let model = try model()
    #expect(model["target"] == nil && model["columns"] as? Int == 6 && model["intercept"] == nil)
    let terms = try #require(model["terms"] as? [[String: Any]])
    #expect(terms.allSatisfy { ($0["column"] as? [String: Any])?["name"] == nil })
  }

  @Test(arguments: [
    ("predict --table test.csv", 64, "missing option --model: expected the path of a file"),
    (
      "predict --model none.json --table test.csv", 66,
      "cannot read none.json: No such file or directory"
    ),
    (
      "predict --model train.csv --table test.csv", 65,
      "train.csv: expected a model of --model-output, found text that is no JSON"
    ),
    (
      "predict --model empty.json --table test.csv", 65,
      "empty.json: expected a model of --model-output, found none of its schemaVersion"
    ),
    (
      "predict --model later.json --table test.csv", 65,
      "later.json: unsupported: expected a model of schemaVersion 1, found 2"
    ),
    (
      "predict --model outside.json --table test.csv", 65,
      "outside.json: expected columns of the 5 that it was fitted to, found others"
    ),
    (
      "predict --model m.json --table lacking.csv", 65,
      "lacking.csv: expected the columns of the model, found none of size, rooms"
    ),
    (
      "predict --model m.json --table twice.csv", 65,
      "twice.csv: expected one column 'rooms' of the model, found several: 1, 2"
    ),
    (
      "predict --model m.json --table text.csv", 65,
      "text.csv, line 3, column 2 (rooms): expected a number, found \"two\""
    ),
    (
      "predict --model m.json --table test.csv -o p.txt", 73,
      "cannot write p.txt: expected a name that ends in .npy, .csv, .tsv, .mtx or .mat"
    ),
    (fit + "--model-output m.txt", 73, "cannot write m.txt: expected a name that ends in .json"),
    (fit + "--model-output m.json", 73, "cannot write m.json: it exists; --force replaces it"),
    (
      fit + "--test lacking.csv", 65,
      "lacking.csv: expected the columns of the model, found none of size, rooms, age, price"
    ),
    (
      "solve -m p/A.npy -y p/y.npy -k 2 --test test.csv", 64,
      "--test: needs --table"
    ),
  ])
  func isRefused(words: String, code: Int32, message: String) throws {
    _ = try run(Self.keep)
    try write("empty.json", "{}")
    let text = try String(contentsOf: tool.folder.appendingPathComponent("m.json"), encoding: .utf8)
    try write("later.json", text.replacing("\"schemaVersion\" : 1", with: "\"schemaVersion\" : 2"))
    try write("outside.json", text.replacing("\"index\" : 2", with: "\"index\" : 5"))
    try write("lacking.csv", "sizes,room\n1,2\n")
    try write("twice.csv", "size,rooms,rooms\n1,2,3\n")
    try write("text.csv", "size,rooms\n1,2\n3,two\n")
    let outcome = try run(words)
    #expect(outcome.exitCode == code && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors == "sea: \(message)\n")
  }

  /// Numbers of any size are measured without a square beyond all doubles.
  @Test(arguments: [1e-200, 1, 1e200]) func errorsOfAnySize(unit: Double) {
    let numbers = [1, 2, 3, 6].map { $0 * unit }
    let error = PredictionError(of: numbers.map { $0 + unit }, observed: numbers)
    #expect(
      abs((error.rmse ?? 0) / unit - 1) < 1e-12
        && abs((error.rSquared ?? 0) - (1 - 4.0 / 14)) < 1e-12)
    #expect(PredictionError(of: [1, 1], observed: [1, 1]).rmse == 0)
  }
}
