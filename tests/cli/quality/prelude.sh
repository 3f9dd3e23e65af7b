# A small table with one fault of each kind, and a contract with a rule for each.
small_table() {
    cat >people.csv <<'END'
id,name,age,score,country,mail,born,flag
1,Ann,34,0.5,DE,ann@mail.test,1990-01-31,true
2,Bob,-3,0.7,FR,bob@mail.test,1989-12-01,false
3,,28,1.5,DE,carla@mail.test,1995-06-15,true
4,Dieter,old,0.1,XX,dieter at mail.test,1850-01-01,no
4,Eve,51,inf,FR,eve@mail.test,yesterday,true
broken
6,A name that is much too long,40,0.2,DE,fred@mail.test,1984-02-29,false
END
    cat >people.contract.yaml <<'END'
apiVersion: v3.1.0
kind: DataContract
id: people
version: 1.0.0
status: active
schema:
  - name: people
    properties:
      - name: id
        logicalType: integer
        unique: true
      - name: name
        required: true
        logicalType: string
        logicalTypeOptions: {maxLength: 20, minLength: 3}
      - name: age
        logicalType: integer
        logicalTypeOptions: {minimum: 0, maximum: 130}
      - name: score
        logicalType: number
        logicalTypeOptions: {minimum: 0, exclusiveMaximum: 1}
      - name: country
        quality:
          - type: library
            metric: invalidValues
            arguments: {validValues: [DE, FR, IT]}
            mustBe: 0
      - name: mail
        logicalTypeOptions: {pattern: '^[a-z]+@[a-z]+(\.[a-z]+)+$'}
      - name: born
        logicalType: date
        logicalTypeOptions: {minimum: 1900-01-01, maximum: 2030-12-31}
      - name: flag
        logicalType: boolean
END
}
