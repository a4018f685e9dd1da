/// A config with settings of all types, a rule, percentage options, and settings that cannot be evaluated.
enum RelayConfig {
    static func json(isOn: Bool = true, limit: Int = 5) -> String {
        #"""
        {"p":{"s":"salt"},"f":{
          "flag":{"t":0,"v":{"b":\#(isOn)},"i":"v_flag"},
          "text":{"t":1,"v":{"s":"plain"},"i":"v_text","r":[
            {"c":[{"u":{"a":"Email","c":2,"l":["@example.com"]}}],"s":{"v":{"s":"inside"},"i":"v_inside"}},
            {"c":[{"u":{"a":"beta","c":28,"s":"true"}}],"s":{"v":{"s":"beta"},"i":"v_beta"}}]},
          "limit":{"t":2,"v":{"i":\#(limit)},"i":"v_limit"},
          "rate":{"t":3,"v":{"d":2.0},"i":"v_rate"},
          "split":{"t":1,"v":{"s":"none"},"i":"v_none","p":[
            {"p":50,"v":{"s":"a"},"i":"v_a"},{"p":50,"v":{"s":"b"},"i":"v_b"}]},
          "json":{"t":1,"v":{"s":"{\"a\":1}"}},
          "a/b c%é":{"t":0,"v":{"b":true},"i":"v_odd"},
          "broken":{"t":0,"v":{"s":"x"},"i":"v_broken"}}}
        """#
    }
}
