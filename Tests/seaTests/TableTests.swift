import Arguments
import Foundation
import MatrixFiles
import Testing

@testable import sea

/// One table in the place of A and y.
@Suite(.serialized) final class TableTests: ToolSuite {
  let tool: Tool

  init() throws {
    tool = try Tool()
    let rows = [
      [1.0, 0, 2, 5, 3], [0, 2, 1, 4, 4], [0, 0, 1, 7, 1], [1, 1, 0, 3, 2], [2, 0, 5, 1, 5],
      [3, 1, 2, 2, 6],
      [1, 4, 1, 0, 2],
    ]
    func text(_ columns: [Int]) -> String {
      rows.map { row in columns.map { "\(row[$0])" }.joined(separator: ",") }
        .joined(separator: "\n") + "\n"
    }
    let cities = ["Rome", "\"Paris, F\"", "", "Oslo", "Bonn", "NA", "Bern"]
    try write(
      "t.csv",
      "city,age,price,size,rooms,w\n"
        + zip(cities, rows).map { city, row in
          "\(city),\(row[0]),\(row[4]),\(row[1]),\(row[2]),\(row[3])\n"
        }.joined())
    try write("plain.csv", text([0, 4, 1, 2, 3]))
    try write("A.csv", text([0, 1, 2]))
    try write("y.csv", text([4]))
    try write("w.csv", text([3]))
  }

  deinit { tool.cleanUp() }

  private static let table = "--table t.csv --target price --drop city "

  /// Errors count the columns of the table, or name them.
  @Test func errorsNumberColumnsAsTheTableDoes() throws {
    try write("large.csv", "id,y,a,b\n1,1,1,1e308\n2,2,3,1e308\n3,4,5,1e308\n4,4,4,1e308\n")
    let large = try run("solve -k 1 --table large.csv --target y --drop id")
    #expect(
      large.errors
        == "sea: large.csv: column 3 of the matrix has a norm beyond the largest double\n")
    let both = try run("solve -k 1 \(Self.table)--include size --exclude size")
    #expect(
      both.errors == "sea: --include: expected columns that are not excluded as well, found size\n")
  }

  /// The same numbers as from two files.
  @Test(arguments: [
    ("--weights w", "--weights w.csv"), ("--weights ./w.csv --exclude w", "--weights w.csv"),
    ("--exclude w --include rooms --intercept", "--include 2 --intercept"),
    ("--exclude 5 --include size:rooms", "--include 1-2"),
    ("--weights w --standardize --ridge 0.5", "--weights w.csv --standardize --ridge 0.5"),
  ])
  func isAnotherWayToSayIt(words: String, two: String) throws {
    let found = try run("solve -k 2 --json \(Self.table)\(words)")
    #expect(found.exitCode == 0, "\(found.errors)")
    let json = try found.json()
    let expected = try run("solve -k 2 --json -m A.csv -y y.csv \(two)").json()
    for key in ["support", "coefficients"] {
      #expect("\(json[key] ?? 0)" == "\(expected[key] ?? 1)", "\(key)")
    }
    #expect(json["residualNorm"] as? Double == expected["residualNorm"] as? Double)
    let support = try #require(json["support"] as? [Int])
    #expect(json["names"] as? [String] == support.map { ["age", "size", "rooms", "w"][$0] })
    #expect(json["tableColumns"] as? [Int] == support.map { [1, 3, 4, 5][$0] })
  }

  @Test func indicesAreThoseOfTheTable() throws {
    let words = "solve -k 2 --table plain.csv --target 1 --drop 4 --include 3"
    let text = try run(words)
    #expect(text.exitCode == 0, "\(text.errors)")
    let json = try run(words + " --json").json()
    #expect(json["names"] == nil)
    let columns = try #require(json["tableColumns"] as? [Int])
    #expect(columns.contains(3) && !columns.contains(1) && !columns.contains(4))
    #expect(text.value("support") == columns.map(String.init).joined(separator: ", "))
  }

  @Test func aPathTakesATable() throws {
    let path = try run("path -k 3 \(Self.table) --index w --intercept --points p.csv")
    #expect(path.exitCode == 0, "\(path.errors)")
    #expect(path.value("support")?.contains("size") == true || path.output.contains("+"))
    let json = try run("path -k 3 \(Self.table) --index w --intercept --json").json()
    let points = try #require(json["points"] as? [[String: Any]])
    #expect((points.last?["names"] as? [String]) == ["age", "size", "rooms"])
    #expect((points.last?["tableColumns"] as? [Int]) == [1, 3, 4])
  }

  @Test(arguments: [
    ("--table t.csv -k 2", 64, "missing option --target: expected some text"),
    ("-k 2", 64, "missing option --matrix or --table: expected one of them"),
    (
      "--table t.csv --target price -m A.csv -y y.csv -k 2", 64,
      "--table: expected none together with --matrix"
    ),
    ("-m A.csv -y y.csv --drop 0 -k 2", 64, "--drop: needs --table"),
    ("-m A.csv -y y.csv --index 0 -k 2", 64, "--index: needs --table"),
    ("-m A.csv -y y.csv --missing drop -k 2", 64, "--missing: needs --table"),
    ("-m A.csv -y y.csv --categorical 0 -k 2", 64, "--categorical: needs --table"),
    (
      table + "--categorical city -k 2", 64,
      "--categorical: expected a column that is nothing else, found city, which is dropped"
    ),
    (
      "--table t.csv --target price --categorical city -k 2", 65,
      "t.csv, line 4, column 1 (city): expected a level, found an empty cell "
        + "(--missing drop or --missing mean allow that)"
    ),
    (
      "--table t.csv --target prize -k 2", 64,
      "--target: expected the name or the index of a column, found 'prize'; the nearest names are "
        + "price, size, city"
    ),
    ("--table t.csv --target s*,age -k 2", 64, "--target: expected one column, found s*,age"),
    (
      table + "--include price -k 2", 64,
      "--include: expected columns to choose from, found price, which is the target"
    ),
    (
      table + "--include city -k 2", 64,
      "--include: expected columns to choose from, found city, which is a column left out"
    ),
    (
      table + "--weights w --exclude w -k 2", 64,
      "--exclude: expected columns to choose from, found w, which is the weights"
    ),
    (
      table + "--weights price -k 2", 64,
      "--weights: expected a column that is nothing else, found price, which is the target"
    ),
    (
      "--table t.csv --target price --drop c*,price -k 2", 64,
      "--drop: expected a column that is nothing else, found price, which is the target"
    ),
    (
      table + "--weights ww -k 2", 64,
      "--weights: expected a column of the table or a file, found 'ww'; the nearest names are w, age, city"
    ),
    (
      "--table t.csv --target price -k 2", 65,
      "t.csv, line 2, column 1 (city): expected a number, found \"Rome\" "
        + "(--drop leaves a column out, --categorical takes its levels)"
    ),
    ("--table none.csv --target price -k 2", 66, "cannot read none.csv: No such file or directory"),
    (
      table + "-k 9", 64, "expected a sparsity from 1 to 4 (the columns of the matrix), found 9"
    ),
  ])
  func isRefused(words: String, code: Int32, message: String) throws {
    for command in ["solve", "path"] where command == "solve" || !words.contains("-k 9") {
      let outcome = try run("\(command) \(words)")
      #expect(outcome.exitCode == code && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors == "sea: \(message)\n")
    }
  }

  /// A row without a city is left out, and cities are indicators.
  @Test func levelsAndGaps() throws {
    let words =
      "--table t.csv --target price --categorical city --missing drop --exclude w --intercept -k 2"
    let all = try run("solve \(words) --include city")
    #expect(all.exitCode == 64, "\(all)")
    let found = try run("solve \(words) --model-output c.json --json")
    #expect(found.exitCode == 0, "\(found.errors)")
    let json = try found.json()
    #expect(json["rows"] as? Int == 5 && json["columns"] as? Int == 8)
    #expect(
      (json["notices"] as? [String])?.last
        == "t.csv: 2 of 7 rows lack a value and were left out: lines 4, 7")
    // Where the model has levels, they are looked for again.
    let again = try run("predict --model c.json --table t.csv --missing drop --json")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try again.json()["rmse"] as? Double != nil)
  }

  /// Cells filled are those of the rows fitted.
  @Test func gapsOfOtherRows() throws {
    try write("train.csv", "y,a,city\n3,1,Rome\n6,2,Rome\n9,3,Bonn\n13,NA,Bonn\n12,4,Rome\n")
    try write("new.csv", "city,a\nRome,NA\nBonn,2\n")
    let words =
      "solve --table train.csv --target y --categorical city --intercept -k 2 --missing mean --json "
    let json = try run(words + "--model-output g.json").json()
    let names = try #require(json["names"] as? [String])
    #expect(names == ["a", "city=Rome"])
    let coefficients = try #require(json["coefficients"] as? [Double])
    let intercept = try #require(json["intercept"] as? Double)
    let refused = try run("predict --model g.json --table new.csv")
    #expect(refused.exitCode == 65)
    #expect(
      refused.errors == "sea: new.csv, line 2, column 2 (a): expected a number, found \"NA\" "
        + "(--missing drop or --missing mean allow that)\n")
    let filled = try run("predict --model g.json --table new.csv --missing mean --json").json()
    let predictions = try #require(filled["predictions"] as? [Double])
    #expect(abs(predictions[0] - (intercept + 2.5 * coefficients[0] + coefficients[1])) < 1e-12)
    #expect(abs(predictions[1] - (intercept + 2 * coefficients[0])) < 1e-12)
    #expect(
      (filled["notices"] as? [String])?.last
        == "new.csv: 1 cell of a without a value was filled with 2.5")
    let dropped = try run("predict --model g.json --table new.csv --missing drop")
    #expect(dropped.value("rows") == "1 of y", "\(dropped)")
    try write("other.csv", "city,a\nOslo,2\n")
    let other = try run("predict --model g.json --table other.csv")
    #expect(
      other.errors
        == "sea: other.csv, line 2, column 1 (city): expected one of the levels Bonn, Rome, found \"Oslo\"\n"
    )
    try write("bare.csv", "1,2\n3,4\n")
    #expect(
      try run("predict --model g.json --table bare.csv").errors
        == "sea: bare.csv: expected the columns of the model, found none of a, city "
        + "(there is no line of names; --header says that there is)\n")
    let held = try run(words + "--test train.csv").json()
    #expect((held["test"] as? [String: Any])?["rows"] as? Int == 5)
  }

  /// Cells are filled with weighted means, so that a row of weight 3 stands for three rows, in the fit and in a model. The
  /// weights are a column or a file; what stands in a row of weight 0 fills nothing.
  @Test func gapsOfWeightedRows() throws {
    let rows = [
      "3,1,Rome,2", "6,2,Rome,1", "9,NA,Bonn,3", "13,4,NA,1", "12,5.5,Rome,3", "99,70,Rome,0",
    ]
    let names = "y,a,city,w\n"
    try write("counted.csv", names + rows.joined(separator: "\n") + "\n")
    try write("weights.csv", "2\n1\n3\n1\n3\n0\n")
    let repeated = rows.flatMap { Array(repeating: $0, count: Int(String($0.last ?? "0")) ?? 0) }
    try write("repeated.csv", names + repeated.joined(separator: "\n") + "\n")
    try write("new.csv", "a,city\nNA,Rome\n2,NA\n")
    func fit(_ table: String, _ weights: String) throws -> [Double] {
      let json = try run(
        "solve --table \(table).csv --target y --categorical city --missing mean -k 2 "
          + "--model-output f.json --force --json \(weights)"
      ).json()
      let predicted = try run("predict --model f.json --table new.csv --missing mean --json").json()
      return try #require(json["coefficients"] as? [Double])
        + #require(predicted["predictions"] as? [Double])
    }
    let expected = try fit("repeated", "--drop w")
    for (table, weights) in [
      ("counted", "--weights w --frequency-weights"),
      ("counted", "--drop w --weights weights.csv"),
    ] {
      let found = try fit(table, weights)
      #expect(found.count == expected.count && found.count == 4)
      for (f, e) in zip(found, expected) { #expect(abs(f - e) < 1e-12 * abs(e), "\(f), \(e)") }
    }
    try write("absent.csv", names + "3,NA,Rome,2\n6,NA,Rome,1\n9,1,Bonn,0\n")
    let absent = try run(
      "solve --table absent.csv --target y --categorical city --weights w --missing mean -k 1")
    #expect(
      absent.errors
        == "sea: absent.csv: expected a value in column a in a row of positive weight, found none\n"
    )
  }

  /// Warnings call columns as the table does.
  @Test func warningsNameColumns() throws {
    try write("zero.csv", "y,a,zero,b\n1,2,0,3\n2,1,0,4\n3,3,0,1\n")
    let outcome = try run("solve --table zero.csv --target y -k 1")
    #expect(outcome.value("warning") == "column zero is zero and was never a candidate")
  }

  /// No hint names an option that the command does not have, or a value that it refuses.
  @Test(arguments: [
    (
      "solve --table t.csv --target a -k 1", " (--missing drop or --missing mean allow that)",
      " (--drop leaves a column out, --categorical takes its levels)",
      " (--loss logistic takes two words)", " (--index 0 leaves it out)"
    ),
    (
      "path --table t.csv --target a -k 1 --loss poisson",
      " (--missing drop or --missing mean allow that)",
      " (--drop leaves a column out, --categorical takes its levels)", nil,
      " (--index 0 leaves it out)"
    ),
    (
      "reduce --table t.csv --target a -o r.csv", " (--missing drop allows that)",
      " (--drop leaves a column out, --categorical takes its levels)", nil,
      " (--index 0 leaves it out)"
    ),
    (
      "experiment regression --data t.csv --drop b -o r", "", " (--drop leaves a column out)", nil,
      " (--drop 0 leaves it out)"
    ),
  ])
  func adviceIsOfTheCommand(
    words: String, values: String, numbers: String, target: String?, index: String
  ) throws {
    guard
      case .run(let arguments) = try Sea.table.parse(words.split(separator: " ").map(String.init))
    else { throw CancellationError() }
    try write("three.csv", "a,b,c\n1,2,3\n")
    let file = try TableFile(
      tool.folder.appendingPathComponent("three.csv").path, header: false)
    let advice = TableAdvice(arguments, of: file, target: 0, weights: 2)
    #expect(advice.values == values && advice.index == index)
    #expect(advice.numbers[1] == numbers && advice.numbers[0] == target && advice.numbers[2] == nil)
  }
}
