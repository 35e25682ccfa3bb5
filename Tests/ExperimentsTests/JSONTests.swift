import Testing

@testable import Experiments

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", #"{"a":[1,-0.5,1e-300,{"b":"c"}],"":null}"#,
    #""\"\\\n\u0001 ½ 𝒳""#, "18446744073709551615", "0",
  ])
  func whatIsReadIsWritten(text: String) throws {
    #expect(try JSON(parsing: text.utf8).text == text)
    #expect(try JSON(parsing: " \(text)\t\n".utf8).text == text)
  }

  @Test func escapes() throws {
    let json = try JSON(parsing: #""\u00bd\ud835\udcb3\/\b\f\r\t""#.utf8)
    #expect(json.string == "½𝒳/\u{8}\u{C}\r\t")
  }

  @Test(arguments: [
    "", " ", "nul", "01", "1.", ".5", "+1", "-", "1e", "[1,]", "[1", "{", #"{"a"}"#, #"{"a":1,}"#,
    "{1:2}", #""a"#, #""\x""#, #""\u12""#, #""\ud800""#, #""\ud800\u0041""#, "\"\n\"", "1 2", "NaN",
    #""\u+123""#,
  ])
  func brokenTextsAreRefused(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text.utf8) }
  }

  @Test func brokenBytesAreRefused() {
    #expect(throws: JSONError(offset: 3, expected: "UTF-8")) {
      try JSON(parsing: [0x22, 0xFF, 0x22])
    }
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError(offset: 64, expected: "less nesting")) {
      try JSON(parsing: deep.utf8)
    }
  }

  @Test func numbersKeepTheirValue() throws {
    for value in [0.1, -1.5e-300, 1e22, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
      #expect(try JSON(parsing: JSON(value).text.utf8).double == value)
    }
    #expect(JSON(Double.nan) == .null)
    #expect(JSON(UInt64.max).integer() == UInt64.max)
    #expect(JSON(UInt64.max).int == nil)
    #expect(JSON(1.5).int == nil)
    #expect(try JSON(parsing: "1e308".utf8).double == 1e308)
    #expect(try JSON(parsing: "-1e309".utf8).double == nil)
  }

  @Test func differencesAreNamed() {
    let mine: JSON = ["a": 1.json, "b": ["x", "y"], "c": ["d": "e"]]
    let path = { (other: JSON) in mine.difference(from: other)?.path }
    #expect(path(["c": ["d": "e"], "b": ["x", "y"], "a": 1.json]) == nil)
    #expect(path(["a": 2.json, "b": ["x", "y"], "c": ["d": "e"]]) == "a")
    #expect(path(["a": 1.json, "b": ["x", "z"], "c": ["d": "e"]]) == "b.1")
    #expect(path(["a": 1.json, "b": ["x", "y"], "c": ["d": "f"]]) == "c.d")
    #expect(path(["a": 1.json, "b": ["x", "y"]]) == "c")
    #expect(path(["a": 1.json, "b": ["x", "y"], "c": ["d": "e"], "f": .null]) == "f")
    #expect(path(["a": 1.json, "b": ["x"], "c": ["d": "e"]]) == "b")
  }
}

extension Int {
  fileprivate var json: JSON { JSON(self) }
}
