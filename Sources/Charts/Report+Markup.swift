/// `text` with the characters that mean something in HTML replaced.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A picture of gnuplot as an element of a page: without its XML header, its names made unique.
func inlined(_ picture: String, title: String, number: Int) -> String {
  let element = picture.firstRange(of: "<svg").map { picture[$0.lowerBound...] } ?? ""
  let prefix = "chart\(number)-"
  return String(element)
    .replacing("<title>Gnuplot</title>", with: "<title>\(escaped(title))</title>")
    .replacing(" id='", with: " id='\(prefix)")
    .replacing(" id=\"", with: " id=\"\(prefix)")
    .replacing("href='#", with: "href='#\(prefix)")
    .replacing("url(#", with: "url(#\(prefix)")
}
