/// A key of any name or index, for the places that a type's own keys do not cover.
struct JSONTreeKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) { (self.stringValue, self.intValue) = (name, nil) }
    init(_ index: Int) { (self.stringValue, self.intValue) = (String(index), index) }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}
